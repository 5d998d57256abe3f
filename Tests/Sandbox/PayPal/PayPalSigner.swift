import Crypto
import FoundationEssentials
import SwiftASN1
import X509
import _CryptoExtras

/// The key and the certificate by which the simulated PayPal signs its notifications; made anew in every process.
struct PayPalSigner: Sendable {
    /// What its certificate is fetched by.
    static let name = "CERT-sandbox-0001"

    private let key: _RSA.Signing.PrivateKey
    /// In PEM.
    let certificate: String

    init() throws {
        key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let subject = try DistinguishedName { CommonName("messageverificationcerts.sandbox.paypal.com") }
        let now = Date.now
        let made = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(key.publicKey),
            notValidBefore: now.addingTimeInterval(-86_400), notValidAfter: now.addingTimeInterval(400 * 86_400),
            issuer: subject, subject: subject, signatureAlgorithm: .sha256WithRSAEncryption,
            extensions: Certificate.Extensions(), issuerPrivateKey: Certificate.PrivateKey(key))
        certificate = try made.serializeAsPEM().pemString
    }

    func signature(of message: [UInt8]) throws -> String {
        let digest = SHA256.hash(data: message)
        return try key.signature(for: digest, padding: .insecurePKCS1v1_5).rawRepresentation.base64EncodedString()
    }

    /// CRC-32 as in ZIP files, bit by bit.
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var value = ~UInt32(0)
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
        return ~value
    }
}

extension WorldState {
    /// Made when it is first needed: a key takes a while.
    mutating func paypalSigner() throws -> PayPalSigner {
        if let known = signer { return known }
        let made = try PayPalSigner()
        signer = made
        return made
    }

    /// Signed over id, time, the endpoint's id and the body's checksum, as PayPal does.
    mutating func sendPayPalEvent(
        _ type: String, _ kind: String, _ resource: JSON, about subject: String, _ account: PayPalAccount
    ) {
        guard let url = account.webhookURL, let signer = try? paypalSigner() else { return }
        let (id, time) = (random.identifier("WH-"), PayPalOrder.time(clock.now))
        let event: JSON = [
            "id": .text(id), "event_version": "1.0", "create_time": .text(time), "resource_type": .text(kind),
            "resource_version": "2.0", "event_type": .text(type), "summary": .text(type), "resource": resource,
            "links": [],
        ]
        let transmission = random.identifier("")
        let message = "\(transmission)|\(time)|\(account.webhookID)|\(PayPalSigner.checksum(event.bytes))"
        let request = OutgoingRequest(
            method: "POST", url: url,
            headers: [
                ("Content-Type", "application/json"), ("Paypal-Transmission-Id", transmission),
                ("Paypal-Transmission-Time", time), ("Paypal-Auth-Algo", "SHA256withRSA"),
                ("Paypal-Cert-Url", "\(paypalURL)/v1/notifications/certs/\(PayPalSigner.name)"),
                ("Paypal-Transmission-Sig", (try? signer.signature(of: Array(message.utf8))) ?? ""),
            ], body: event.bytes)
        webhooks.send(.paypalEvent, about: subject, request, signatureHeader: "Paypal-Transmission-Sig")
    }
}
