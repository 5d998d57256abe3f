import InvoicingDomain
import PageWriter
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// What documents say of an organisation, with the version a person may have seen; 0 when nothing was said yet.
struct SellerRecord: Sendable {
    let seller: Seller
    /// Such as `#1F5F7A`.
    let colour: String?
    var hasLogo = false
    var version: Int64
}

/// Organisations as sellers, and how their documents look.
struct SellerStore {
    func find(
        of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> SellerRecord? {
        try transaction.first(
            """
            SELECT identity, colour, logo IS NOT NULL AS has_logo, version FROM seller
            WHERE organisation = \(organisation)
            """
        ) { row in
            SellerRecord(
                seller: try row.json("identity"), colour: try row("colour"), hasLogo: try row("has_logo"),
                version: try row("version"))
        }
    }

    /// What VAT the organisation may bill.
    func vatRule(in change: inout Change) throws -> VATRule {
        VATRule(of: try find(of: change.cause.organisation, in: &change.transaction)?.seller)
    }

    /// Writes over what was there at `version`; false when somebody else was faster.
    func put(_ seller: Seller, colour: String?, over version: Int64, in change: inout Change) throws -> Bool {
        let identity = try PostgresJSON.of(seller)
        return try change.execute(
            """
            INSERT INTO seller AS kept (organisation, identity, colour)
            VALUES (\(change.cause.organisation), \(identity), \(colour))
            ON CONFLICT (organisation) DO UPDATE SET identity = EXCLUDED.identity, colour = EXCLUDED.colour,
                version = kept.version + 1, changed_at = now()
            WHERE kept.version = \(version)
            """) == 1
    }

    /// Nil takes the logo away; false when somebody else was faster.
    func putLogo(_ logo: [UInt8]?, over version: Int64, in change: inout Change) throws -> Bool {
        try change.execute(
            """
            UPDATE seller SET logo = \(logo), version = version + 1, changed_at = now()
            WHERE organisation = \(change.cause.organisation) AND version = \(version)
            """) == 1
    }

    func look(
        of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> DocumentLook {
        let kept = try transaction.first("SELECT colour, logo FROM seller WHERE organisation = \(organisation)") {
            row in
            let colour: String? = try row("colour")
            return DocumentLook(
                colour: colour.flatMap { Colour(hex: $0) } ?? DocumentLook.plain.colour, logo: try row("logo"))
        }
        return kept ?? .plain
    }
}
