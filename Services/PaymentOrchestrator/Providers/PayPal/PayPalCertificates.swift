import FoundationEssentials
import HTTPClient
import PaymentModel
import SwiftASN1
import X509

/// Certificates that were fetched, by their addresses, one at a time: anybody can send what asks for another.
actor PayPalCertificates {
    typealias Found = Result<Certificate?, OutcomeUnknown>

    private let settings: PayPalSettings
    private var known: [String: Certificate] = [:]
    /// Where there was none, until when that is believed.
    private var absent: [String: Instant] = [:]
    private var fetching: (url: String, task: Task<Found, Never>)?
    private var waiting = 0

    init(_ settings: PayPalSettings) { self.settings = settings }

    /// The certificate of an address, fetched where nobody knows it; `nil` when there is none.
    func certificate(
        at url: String, _ fetch: @escaping @Sendable () async -> Found
    ) async throws(OutcomeUnknown) -> Certificate? {
        while true {
            if let known = known[url] { return known }
            if let until = absent[url], settings.time.now() < until { return nil }
            guard let fetching else { break }
            if fetching.url == url { return try await fetching.task.value.get() }
            guard waiting < settings.certificateWaitersMax else {
                throw OutcomeUnknown("too many of PayPal's certificates are asked for")
            }
            waiting += 1
            _ = await fetching.task.value
            waiting -= 1
        }
        let task = Task { keep(await fetch(), of: url) }
        fetching = (url, task)
        return try await task.value.get()
    }

    /// Before anybody who waits goes on.
    private func keep(_ found: Found, of url: String) -> Found {
        fetching = nil
        switch found {
        case .success(let certificate?):
            // There are two or three at a time; more would be somebody filling our memory.
            if known.count >= settings.certificatesMax { known = [:] }
            known[url] = certificate
        case .success(nil):
            if absent.count >= settings.absentCertificatesMax { absent = [:] }
            absent[url] = settings.time.now().adding(settings.certificateAbsentFor)
        case .failure: break
        }
        return found
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
            let sentAt = Instant(transmission.time), notification.receivedAt - sentAt < settings.transmissionAgeMax,
            let message = transmission.message(webhook: webhook, body: notification.body),
            isPayPals(transmission.certificateURL),
            let certificate = try await self.certificate(at: transmission.certificateURL),
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
    private func certificate(at url: String) async throws(OutcomeUnknown) -> Certificate? {
        try await certificates.certificate(at: url) {
            do throws(OutcomeUnknown) {
                return .success(try await fetchCertificate(at: url))
            } catch {
                return .failure(error)
            }
        }
    }

    private func fetchCertificate(at url: String) async throws(OutcomeUnknown) -> Certificate? {
        let request = HTTPRequest(
            .get, url, connectTimeout: settings.connectTimeout, totalTimeout: settings.totalTimeout,
            responseBytesMax: 64 << 10)
        let response: HTTPResponse
        do throws(HTTPClientError) {
            response = try await transport.send(request, ProviderCall(ProviderCall.nobody))
        } catch {
            throw OutcomeUnknown("PayPal's certificate was not answered: \(error)")
        }
        guard response.isSuccess else {
            guard response.status < 500, response.status != 429 else {
                throw OutcomeUnknown("PayPal's certificate was not given")
            }
            return nil
        }
        return try? Certificate(pemEncoded: String(decoding: response.body, as: UTF8.self))
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
