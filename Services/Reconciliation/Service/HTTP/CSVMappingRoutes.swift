import HTTPServer
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// How banks write their CSV files (REC-4).
struct CSVMappingRoutes {
    let database: Database
    let keep: KeepCSVMapping

    var routes: [Route] {
        [
            Route(
                .put, "/v1/csv-mappings/{name}", operation: "putCSVMapping",
                access: .roles([.manager, .accountant], scope: "reconciliation:write"), put),
            Route(
                .get, "/v1/csv-mappings", operation: "listCSVMappings",
                access: .roles([.manager, .accountant], scope: "reconciliation:read"), list),
        ]
    }

    @Sendable private func put(_ request: Request) async throws -> Response {
        let name = try request.pathText("name", max: 60)
        let mapping = try request.read { fields in CSVMapping(fields) }
        return try .json(.ok, try await keep.run(mapping, named: name, because: request.cause()))
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try keep.mappings.list(of: organisation, &transaction)
        }
        return try .json(.ok, ["items": found])
    }
}

extension CSVMapping {
    fileprivate init(_ fields: Fields) {
        let amount = fields.optionalString("amountColumn", max: 100)
        let debit = fields.optionalString("debitColumn", max: 100)
        let credit = fields.optionalString("creditColumn", max: 100)
        if (amount != nil) == (debit != nil) || (debit != nil) != (credit != nil) {
            fields.refuse(
                "amountColumn", reason: "The amount is in one column or in two.",
                remedy: "Give amountColumn, or both of debitColumn and creditColumn.")
        }
        self.init(
            iban: fields.iban("iban"), currency: fields.currency("currency"),
            separator: fields.optionalEnumeration("separator") ?? .semicolon,
            decimalSeparator: fields.optionalEnumeration("decimalSeparator") ?? .comma,
            encoding: fields.optionalEnumeration("encoding") ?? .utf8,
            dayOrder: fields.optionalEnumeration("dayOrder") ?? .dayMonthYear,
            dayColumn: fields.string("dayColumn", max: 100), amountColumn: amount, debitColumn: debit,
            creditColumn: credit, textColumns: fields.strings("textColumns", count: 1...20, max: 100),
            referenceColumn: fields.optionalString("referenceColumn", max: 100))
    }
}
