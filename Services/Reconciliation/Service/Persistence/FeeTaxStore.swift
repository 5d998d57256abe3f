import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// How the VAT on providers' fees is owed; every change of a person is kept.
struct FeeTaxStore {
    func put(_ word: FeeTaxes.Word, as id: UInt128, in change: inout Change) throws {
        try change.execute(
            """
            INSERT INTO fee_tax (id, organisation, provider, treatment, rate, from_day, changed_by)
            VALUES (\(id), \(change.cause.organisation), \(word.provider.rawValue), \(word.tax.treatment.rawValue),
                \(Int32(word.tax.rate.value)), \(word.from), \(change.cause.actor))
            """)
    }

    func taxes(
        in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> FeeTaxes {
        FeeTaxes(
            try transaction.query(
                """
                SELECT provider, treatment, rate, from_day FROM fee_tax
                WHERE organisation = \(organisation) ORDER BY id DESC
                """
            ) { row in
                FeeTaxes.Word(
                    try row.word("provider"), from: try row("from_day"),
                    FeeTax(try row.word("treatment"), rate: BasisPoints(Int(try row("rate") as Int32))))
            })
    }

    func taxes(in change: inout Change) throws -> FeeTaxes {
        try taxes(in: change.cause.organisation, &change.transaction)
    }

    /// Of an entry of a day, whenever it is told.
    func tax(of provider: Provider, on day: LocalDate, in change: inout Change) throws -> FeeTax {
        try taxes(in: &change).tax(of: provider, on: day)
    }
}
