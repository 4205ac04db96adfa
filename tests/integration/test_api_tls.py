"""Over TLS: the client trusts the server's own certificate, cookies are secure and bound to the host."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.serving import served
from turnout.client import connect
from turnout.settings import Settings


def make_certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "turnout test")])
    now = datetime.now(UTC)
    loopback = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(loopback, critical=False)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / "cert.pem", folder / "key.pem"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return chain, secret


def test_a_server_with_a_certificate(tmp_path: Path) -> None:
    chain, key = make_certificate(tmp_path)
    data = tmp_path / "data"
    with served(data, tls_cert=chain, tls_key=key) as server:
        assert server.url.startswith("https://127.0.0.1:")
        api = connect(Settings(data_dir=data, tls_cert=chain))
        assert api is not None
        with api, httpx.Client(verify=ssl.create_default_context(cafile=str(chain)), trust_env=False) as http:
            assert api.workers() == []
            answer = http.get(api.login_link())
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith("__Host-turnout_")
            assert "; Secure" in cookie
            assert "max-age" in answer.headers["strict-transport-security"]
            assert http.get(server.url + "/status").status_code == 200
            assert http.get(server.url + "/status", headers={"Origin": "http://127.0.0.1"}).status_code == 403
