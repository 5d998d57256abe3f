import FoundationEssentials
import HTTPClient
import PaymentModel
import SwiftASN1
import X509

/// Certificates that were fetched, by their addresses.
actor PayPalCertificates {
    private let max: Int
    private var known: [String: Certificate] = [:]

    init(max: Int) { self.max = max }

    subscript(url: String) -> Certificate? { known[url] }

    func keep(_ certificate: Certificate, of url: String) {
        // There are two or three at a time; more would be somebody filling our memory.
        if known.count >= max { known = [:] }
        known[url] = certificate
    }
}

extension PayPalProvider {
    /// Checks the transmission's signature by PayPal's certificate.
    ///
    /// It is believed because it comes over TLS from PayPal's own host: an address elsewhere is never called.
    package func verify(
        _ notification: ProviderNotification, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> NotificationVerdict {
        guard let webhook = account.credentials.notifications,
            let transmission = PayPalWebhook.Transmission(notification.headers),
            let message = transmission.message(webhook: webhook, body: notification.body),
            isPayPals(transmission.certificateURL),
            let certificate = try await self.certificate(at: transmission.certificateURL, account),
            certificate.isValid(at: settings.time.now(), nameEnd: settings.certificateNameEnd),
            certificate.publicKey.isValidSignature(
                transmission.signature, for: message, signatureAlgorithm: .sha256WithRSAEncryption)
        else { return .forged }
        return .genuine(reference: PayPalWebhook.reference(in: notification.body))
    }

    /// The name below the pinned beginning is one part of a path and nothing else.
    private func isPayPals(_ url: String) -> Bool {
        let beginning = settings.certificatesURL
        return url.hasPrefix(beginning) && ProviderReference.isSafe(String(url.dropFirst(beginning.count)), max: 128)
    }

    /// `nil` when what is there is no certificate.
    private func certificate(at url: String, _ account: AccountAccess) async throws(OutcomeUnknown) -> Certificate? {
        if let known = await certificates[url] { return known }
        let request = HTTPRequest(
            .get, url, connectTimeout: settings.connectTimeout, totalTimeout: settings.totalTimeout,
            responseBytesMax: 64 << 10)
        let response: HTTPResponse
        do throws(HTTPClientError) {
            response = try await transport.send(request, ProviderCall(account.id))
        } catch {
            throw OutcomeUnknown("PayPal's certificate was not answered: \(error)")
        }
        guard response.isSuccess else {
            guard response.status < 500 else { throw OutcomeUnknown("PayPal's certificate was not given") }
            return nil
        }
        guard let found = try? Certificate(pemEncoded: String(decoding: response.body, as: UTF8.self)) else {
            return nil
        }
        await certificates.keep(found, of: url)
        return found
    }
}

extension Certificate {
    /// Whether it is in force and made out to the provider.
    fileprivate func isValid(at now: Instant, nameEnd: String) -> Bool {
        let now = Date(timeIntervalSince1970: Double(now.secondsSince1970))
        guard notValidBefore <= now, now <= notValidAfter else { return false }
        return subject.flatMap(\.self).contains { part in
            part.type == ASN1ObjectIdentifier.RDNAttributeType.commonName && "\(part.value)".hasSuffix(nameEnd)
        }
    }
}
