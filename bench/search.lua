-- One address after the other, of a file that is named on the command line; and further headers after it.
local requests, at = {}, 0

function init(args)
    local headers = {}
    for i = 2, #args do
        local name, value = args[i]:match("^(.-): (.*)$")
        headers[name] = value
    end
    for path in io.lines(args[1]) do
        requests[#requests + 1] = wrk.format("GET", path, headers)
    end
end

function request()
    at = at % #requests + 1
    return requests[at]
end
