import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// How the VAT on providers' fees is owed; every change of a person is kept.
struct FeeTaxStore {
    func put(_ tax: FeeTax, of provider: Provider, as id: UInt128, in change: inout Change) throws {
        try change.execute(
            """
            INSERT INTO fee_tax (id, organisation, provider, treatment, rate, changed_by)
            VALUES (\(id), \(change.cause.organisation), \(provider.rawValue), \(tax.treatment.rawValue),
                \(Int32(tax.rate.value)), \(change.cause.actor))
            """)
    }

    /// As it is now.
    func tax(
        of provider: Provider, in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> FeeTax {
        let said = try transaction.first(
            """
            SELECT treatment, rate FROM fee_tax
            WHERE organisation = \(organisation) AND provider = \(provider.rawValue) ORDER BY id DESC LIMIT 1
            """
        ) { row in FeeTax(try row.word("treatment"), rate: BasisPoints(Int(try row("rate") as Int32))) }
        return said ?? .usual(of: provider)
    }

    func tax(of provider: Provider, in change: inout Change) throws -> FeeTax {
        try tax(of: provider, in: change.cause.organisation, &change.transaction)
    }
}
