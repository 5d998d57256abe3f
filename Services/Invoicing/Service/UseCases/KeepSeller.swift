import HTTPServer
import InvoicingDomain
import PageWriter
import PaymentModel
import TransactionalMessaging

/// Writes down what documents say of an organisation and how they look (INV-5).
struct KeepSeller {
    let database: Database
    let audit: AuditStore
    let organisations = OrganisationStore()
    let sellers = SellerStore()

    /// A logo needs a seller whose documents carry it.
    struct NothingSaid: Error {}

    func put(
        _ seller: Seller, colour: String?, seen version: Int64, because cause: Cause
    ) async throws -> Applied<SellerAnswer> {
        try await database.change(because: cause) { change in
            let organisation = change.cause.organisation
            guard try organisations.find(organisation, in: &change.transaction) != nil else {
                throw NotFound.organisation
            }
            let known = try sellers.find(of: organisation, in: &change.transaction)
            guard known?.version ?? 0 == version,
                try sellers.put(seller, colour: colour, over: version, in: &change)
            else { throw StaleVersion(current: known?.version ?? 0) }
            let answer = SellerAnswer(
                SellerRecord(
                    seller: seller, colour: colour, hasLogo: known?.hasLogo ?? false, version: version + 1))
            try audit.record(
                "seller-changed", about: organisation, before: known.map(SellerAnswer.init), after: answer,
                in: &change)
            return answer
        }
    }

    /// Nil takes it away.
    func putLogo(
        _ logo: [UInt8]?, seen version: Int64, because cause: Cause
    ) async throws -> Applied<SellerAnswer> {
        try await database.change(because: cause) { change in
            let organisation = change.cause.organisation
            let known = try sellers.find(of: organisation, in: &change.transaction)
            guard var known else { throw NothingSaid() }
            let before = try sellers.look(of: organisation, in: &change.transaction).logo
            guard known.version == version, try sellers.putLogo(logo, over: version, in: &change) else {
                throw StaleVersion(current: known.version)
            }
            known.hasLogo = logo != nil
            known.version += 1
            try audit.record(
                "logo-changed", about: organisation, before: LogoTrace(before), after: LogoTrace(logo), in: &change)
            return SellerAnswer(known)
        }
    }
}

/// What the audit trail tells of a logo: which one it was, by its SHA-256 (GEN-6).
private struct LogoTrace: Codable {
    let sha256: String?

    init(_ logo: [UInt8]?) { sha256 = logo.map { ChainLink.hash($0) } }
}

/// What documents say of an organisation, as the API shows it.
struct SellerAnswer: Codable, Sendable {
    let seller: Seller
    let colour: String?
    let hasLogo: Bool
    let version: Int64

    init(_ record: SellerRecord) {
        seller = record.seller
        colour = record.colour
        hasLogo = record.hasLogo
        version = record.version
    }
}
