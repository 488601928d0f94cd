"""An SMTP server for tests on aiosmtpd: one JSON line on stdout for each thing that happens.

Options come as one JSON object in argv[1]: port, tls ("none", "starttls", "tls"), cert, key, user, password, refuse
(recipients that are refused), busy (true: every mail is put off with 451).
"""
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

options = json.loads(sys.argv[1])


def tell(**event):
    print(json.dumps(event), flush=True)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address in options.get("refuse", []):
            return "550 5.1.1 no such user here, though the password may be " + options.get("password", "")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if options.get("busy"):
            return "451 4.3.0 try again later"
        tell(
            kind="mail",
            sender=envelope.mail_from,
            to=envelope.rcpt_tos,
            content=envelope.content.decode("latin-1"),
            encrypted=session.ssl is not None or options["tls"] == "tls",
            user=session.auth_data.login.decode() if session.authenticated else None,
        )
        return "250 2.0.0 OK: queued"


def authenticate(server, session, envelope, mechanism, data):
    ok = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == (
        options.get("user"),
        options.get("password"),
    )
    tell(kind="auth", ok=ok, mechanism=mechanism)
    if ok:
        return AuthResult(success=True, auth_data=data)
    # A server that repeats what it was given, as some do.
    return AuthResult(success=False, handled=False, message="535 5.7.8 wrong: " + data.password.decode())


def context():
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(options["cert"], options["key"])
    return made


class Told(SMTP):
    async def smtp_RSET(self, arg):
        tell(kind="rset")
        return await super().smtp_RSET(arg)


def protocol():
    starttls = options["tls"] == "starttls"
    asks = options.get("user") is not None
    return Told(
        Handler(),
        hostname="mail.test",
        tls_context=context() if starttls else None,
        require_starttls=starttls,
        authenticator=authenticate if asks else None,
        auth_required=asks,
        auth_require_tls=starttls,
        loop=asyncio.get_running_loop(),
    )


async def main():
    loop = asyncio.get_running_loop()
    tls = context() if options["tls"] == "tls" else None
    server = await loop.create_server(protocol, "127.0.0.1", options["port"], ssl=tls)
    tell(kind="ready", port=server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(main())
