import HTTPServer
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// The movements at the bank, from which a person picks the one a payout is (REC-2).
struct BankLineRoutes {
    let database: Database
    let lines = BankLineList()

    var routes: [Route] {
        [
            Route(
                .get, "/v1/bank-lines", operation: "listBankLines",
                access: .roles([.manager, .accountant], scope: "reconciliation:read"), list)
        ]
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let (filter, page) = try request.readQuery { fields in
            (BankLineFilter(fields), fields.page(by: BankLineID.self))
        }
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try lines.lines(of: organisation, filter, before: page.before, rows: page.rows, &transaction)
        }
        return try .json(.ok, Page(found, of: page, id: \.id))
    }
}

extension Fields {
    /// The days from `from` to `to`, each of which may be left out.
    func optionalPeriod() -> (from: LocalDate?, to: LocalDate?) {
        let (from, to) = (optionalLocalDate("from"), optionalLocalDate("to"))
        if let from, let to, from > to {
            refuse("to", reason: "It is before \"from\".", remedy: "Give the later day as \"to\".")
        }
        return (from, to)
    }
}

extension BankLineFilter {
    fileprivate init(_ fields: Fields) {
        let (from, to) = fields.optionalPeriod()
        self.init(from: from, to: to, fields)
    }

    /// Of days that were read already.
    init(from: LocalDate?, to: LocalDate?, _ fields: Fields) {
        let most = Int(Fields.minorUnitsMax)
        self.init(
            iban: fields.optionalString("iban", max: IBAN.textMax).map(IBAN.plain), from: from, to: to,
            isMatched: fields.optionalBoolean("matched"),
            minorUnits: fields.optionalInteger("minorUnits", in: -most...most).map { Int64($0) })
    }
}
