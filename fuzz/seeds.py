"""Where to begin: what each parser is meant to read, and what has broken programs before."""

import base64
import json

WILD = [
    b"",
    b"\0",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\xc0\xae",
    b"a\r\nB: c",
    "a\u2028b\u0085c\u202ed\x1b[2J\x9b2J".encode(),
    b"{0}{x.__class__}{{7*7}}%s%n${x}#{x}",
    b"=cmd|' /C calc'!A0",
    b"9" * 400,
    b"-1",
    b"1e400",
    b"NaN",
    b"[" * 50_000,
    b'{"a":' * 50_000,
    b"../" * 100 + b"etc/passwd\0.pdf",
    b"x" * 60_000,
]
_CLAIMS = {"iss": "https://provider.test", "sub": "s", "aud": "client", "exp": 2**31, "iat": 1, "nonce": "nonce"}


def _token(head: object) -> bytes:
    """With claims of nobody, and a signature that is none."""
    parts = (head, _CLAIMS, 7)
    return b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)


_STATUS = {"id": "wamid.1", "status": "failed", "biz_opaque_callback_data": "asha.1", "errors": [{"code": 131}]}
_MESSAGE = {"from": "919800000000", "text": {"body": "STOP"}, "button": {"text": "STOP"}}
_VALUE = {"statuses": [_STATUS], "messages": [_MESSAGE]}
SEEDS = {
    "cursor": [b"c2lnbmF0dXJlc2lnbmF0dXJlWyIyMDI2LTExLTIxVDA5OjMwOjAwWiIsIjAiXQ"],
    "signed_body": [
        b'{"clinic":"asha","visit_id":"01900000-0000-7000-8000-000000000001","role":"patient",'
        b'"account_id":"01900000-0000-7000-8000-000000000001","until":1763717400,"session_id":null}'
    ],
    "pass_into_a_call": [b"c2lnbmF0dXJlc2lnbmF0dXJleyJjbGluaWMiOiJhc2hhIn0"],
    "link_of_a_message": [b"AAAAAAAAAAAAAAAAAAAAAAAAAAA"],
    "code_of_a_prescription": [b"asha-7K3M-Q9TD-X4PW-2H8N", "asha-7\u212a3m-q9td-x4pw-2h8n".encode()],
    "sealed_text": [b"svastha\0\0\2" + b"n" * 12 + b"t" * 20, b"svastha\0\xff\xff"],
    "version_of_a_writer": [b'"12"', b'W/"3"', b"*", b'"1", "2"'],
    "device": [b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"],
    "language": [b"hi-IN,hi;q=0.9,en;q=0.8", b"*;q=0"],
    "forwarded_for": [b"203.0.113.7, 10.0.0.2", b"::ffff:10.0.0.1", b"fe80::1%eth0", b"[2001:db8::1]:80"],
    "instant": [
        b"2026-11-21T09:30:00+05:30",
        b"0001-01-01T00:00:00-23:59",
        b"9999-12-31",
        b"9999-12-31T23:59:59-12:00",
    ],
    "id_in_an_address": [b"01900000-0000-7000-8000-000000000001", b"{01900000000070008000000000000001}"],
    "address_of_somebody": [b"ananya@cast.test", b"+91 98000 00000", b"098000-00000;ext=7", b"tel:+919800000000"],
    "search_words": ["back pain पीठ दर्द".encode()],
    "report_of_an_sms": [
        b'[{"CRQID":"asha.1","requestId":7,"status":"1"}]',
        b'{"sender":919800000000,"message":"STOP"}',
    ],
    "report_of_whatsapp": [json.dumps({"entry": [{"changes": [{"value": _VALUE}]}]}).encode()],
    "signature_of_a_hook": [b"sha256=" + b"0" * 64],
    "ring": [
        b'{"clinic":"asha","jobs":true,"visits":["01900000-0000-7000-8000-000000000001"],"boards":[]}',
        b'#0f 1/2 {"clinic":null,',
        b"#0f 1/1 {}",
        b"#",
    ],
    "note_between_processes": [
        b'["a","01900000-0000-7000-8000-000000000001","AAAA"]',
        b'{"type":"told","message":{"t":"ice"}}',
        b'{"type":"sat","who":"doctor","sid":"s","seat":"01900000-0000-7000-8000-000000000001"}',
    ],
    "whom_to_forget": [b'["",["01900000-0000-7000-8000-000000000001"]]', b'["ticket",[]]'],
    "access_token": [_token({"alg": "EdDSA", "typ": "at+jwt", "kid": "k"}), _token({"alg": "none", "kid": ["k"]})],
    "sealed_cookie": [b"A" * 80, b'{"until":9999999999,"what":{"provider":"g"}}'],
    "name_from_a_provider": ['{"name":{"first":"आशा","last":"Rao"}}'.encode(), b'{"name":null}'],
    "id_token": [_token({"alg": "ES256", "kid": "k"}), _token({"alg": ["ES256"]}), json.dumps(_CLAIMS).encode()],
    "keys_of_a_provider": [
        b'{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"k"},{"kty":"RSA","n":"AQAB","e":"AQAB"}]}',
        b'{"keys":[{"kty":"OKP","crv":["Ed25519"],"x":7,"alg":["EdDSA"],"kid":{}}]}',
    ],
    "reference_in_a_receipt": [b"asha/01900000-0000-7000-8000-000000000001", b"/01900000-0000-7000-8000-000000000001"],
    "answer_about_an_sms": [b'{"type":"success","message":"3763"}', b'{"type":"error","code":["1"]}'],
    "answer_about_a_whatsapp": [
        b'{"messages":[{"id":"wamid.1"}]}',
        b'{"error":{"code":130429}}',
        b'{"error":{"code":[]}}',
    ],
    "answer_of_the_key_service": [
        b'{"CiphertextBlob":"AAAA","Plaintext":"AAAA"}',
        '{"CiphertextBlob":"é","Plaintext":"é"}'.encode(),
        b'{"KeyMetadata":{"Enabled":true,"KeyUsage":"ENCRYPT_DECRYPT"}}',
        b'{"KeyMetadata":[]}',
        b'{"__type":"InvalidCiphertextException"}',
    ],
    "message_of_a_call": [b'{"t":"ice","to":"sid-of-the-doctor","c":{"candidate":"x"},"self":1}'],
    "upload": [b"%PDF-1.7\n%%EOF", b"\xff\xd8\xff\xe0\xff\xd9", b"\x89PNG\r\n\x1a\nIEND"],
    "every_setting": [
        b"postgresql://u:p@[::1/x",
        b"https://[",
        b"10.0.0.0/8 fd00::/8",
        b'[{"name":"g"}]',
        b"mailto:a@b",
    ],
    "providers": [
        b'[{"name":"g","label":"G","issuer":"https://a.test","client_id":"c","client_secret":"s"}]',
        b'[{"name":"g","label":"G","issuer":"https://[","client_id":"c"}]',
    ],
    "copy_of_the_audit": [b'{"record":"head","place":"control","keys":[]}\n', b'{"type":"leaf"}\n{"type":"end"}\n'],
    "row_of_a_table": [b"=1+1", b"\t=1", b'a"b,c\nd', "＝1".encode()],
    "calendar": [b"Dr Rao\r\nBEGIN:VEVENT", b"x;y,z:\\n", b"a" * 500],
    "mail": [b"Rao\r\nBcc: mallory@cast.test", "Rao\u2028Bcc: x".encode(), "डॉ राव ".encode() * 40],
    "text_of_a_message": [b"{code}{name}{name.__class__}"],
}
