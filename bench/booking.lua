-- Bookings one after the other over each connection, for wrk. Arguments: first number, file with one token a line,
-- Unix seconds of the first morning. The n-th booking is the one of booking_clinic.py.
local DOCTORS, DAILY = 100, 48
local tokens, first, number, skipped = {}, 0, 0, 1

function setup(thread)
    thread:set("parallel", 1)
end

function init(args)
    number, first = tonumber(args[1]), tonumber(args[3])
    if args[4] then skipped = tonumber(args[4]) end
    for line in io.lines(args[2]) do tokens[#tokens + 1] = line end
end

function request()
    local slot = math.floor(number / DOCTORS)
    local day, place = math.floor(slot / DAILY), slot % DAILY
    local seconds = day * 86400 + place * 600
    if place >= DAILY / 2 then seconds = seconds + 7200 end
    local body = string.format(
        '{"doctor_id":"02900000-0000-7000-8000-%012d","starts_at":"%s","mode":"video","reason":"Sleeps badly."}',
        number % DOCTORS, os.date("!%Y-%m-%dT%H:%M:%SZ", first + seconds))
    local headers = {
        ["Authorization"] = "Bearer " .. tokens[number % #tokens + 1],
        ["Content-Type"] = "application/json",
        ["Idempotency-Key"] = "booking " .. number,
    }
    number = number + skipped
    return wrk.format("POST", nil, headers, body)
end

function response(status, headers, body)
    if status ~= 201 and not told then
        told = true
        io.stderr:write(status .. " " .. body .. "\n")
    end
end

function done(summary, latency, requests)
    local wrong = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write
        + summary.errors.timeout
    io.write(string.format('\n{"done":%d,"wrong":%d,"seconds":%f,"p50":%f,"p95":%f}\n', summary.requests, wrong,
        summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(95) / 1000))
end
