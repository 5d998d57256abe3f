import HTTPServer
import PaymentModel
import ReconciliationDomain
import ServiceRuntime
import TransactionalMessaging

/// What the columns of Alma's reports are called (REC-3).
struct AlmaReportColumnRoutes {
    let database: Database
    let keep: KeepAlmaReportColumns

    var routes: [Route] {
        let path = "/v1/report-columns/alma"
        return [
            Route(
                .get, path, operation: "getAlmaReportColumns",
                access: .roles([.manager, .accountant], scope: "reconciliation:read"), get),
            Route(
                .put, path, operation: "putAlmaReportColumns",
                access: .roles([.manager, .accountant], scope: "reconciliation:write"), put),
        ]
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try keep.store.said(by: organisation, &transaction)
        }
        return try .json(.ok, AlmaReportColumnsAnswer(found ?? .usual))
    }

    @Sendable private func put(_ request: Request) async throws -> Response {
        let wish = try request.read { fields in AlmaReportColumnsWish(fields) }
        return try .json(.ok, try await keep.run(try wish.columns(), because: request.cause()))
    }
}

/// The names as a person gives them.
private struct AlmaReportColumnsWish {
    /// A name in the header.
    private static let nameMax = 100

    let payout: String?
    let payoutDay: String?
    let line: String
    let kind: String?
    let payment: String
    let refund: String?
    let currency: String?
    let amounts: (amount: String, fee: String, net: String)
    let unit: AlmaReportColumns.AmountUnit

    init(_ fields: Fields) {
        payout = fields.optionalString("payoutColumn", max: Self.nameMax)
        payoutDay = fields.optionalString("payoutDayColumn", max: Self.nameMax)
        line = fields.string("lineColumn", max: Self.nameMax)
        kind = fields.optionalString("kindColumn", max: Self.nameMax)
        payment = fields.string("paymentColumn", max: Self.nameMax)
        refund = fields.optionalString("refundColumn", max: Self.nameMax)
        currency = fields.optionalString("currencyColumn", max: Self.nameMax)
        amounts = (
            amount: fields.string("amountColumn", max: Self.nameMax),
            fee: fields.string("feeColumn", max: Self.nameMax), net: fields.string("netColumn", max: Self.nameMax)
        )
        unit = fields.optionalEnumeration("amountUnit") ?? .decimal
    }

    func columns() throws(AlmaReportColumns.Rejection) -> AlmaReportColumns {
        try AlmaReportColumns(
            payout: payout, payoutDay: payoutDay, line: line, kind: kind, payment: payment, refund: refund,
            currency: currency, amount: amounts.amount, fee: amounts.fee, net: amounts.net, unit: unit)
    }
}

/// What the columns are called now.
struct AlmaReportColumnsAnswer: Codable, Sendable {
    let payoutColumn: String?
    let payoutDayColumn: String?
    let lineColumn: String
    let kindColumn: String?
    let paymentColumn: String
    let refundColumn: String?
    let currencyColumn: String?
    let amountColumn: String
    let feeColumn: String
    let netColumn: String
    let amountUnit: AlmaReportColumns.AmountUnit

    init(_ columns: AlmaReportColumns) {
        (payoutColumn, payoutDayColumn, lineColumn) = (columns.payout, columns.payoutDay, columns.line)
        (kindColumn, paymentColumn, refundColumn) = (columns.kind, columns.payment, columns.refund)
        (currencyColumn, amountColumn) = (columns.currency, columns.amount)
        (feeColumn, netColumn, amountUnit) = (columns.fee, columns.net, columns.unit)
    }
}
