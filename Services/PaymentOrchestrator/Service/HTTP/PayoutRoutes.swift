import HTTPServer
import PaymentModel
import PaymentProviders
import ServiceRuntime

/// What providers paid out, for the books.
struct PayoutRoutes: Sendable {
    let read: ReadPayouts

    var routes: [Route] {
        // An account is a clinic's, the books are the organisation's.
        [
            Route(
                .get, "/v1/provider-accounts/{accountID}/payouts", operation: "readPayouts", access: .readPayouts,
                timeMax: .seconds(300), payouts
            ).forAllClinics,
            Route(
                .get, "/v1/provider-accounts/{accountID}/payout-states", operation: "readPayoutStates",
                access: .readPayouts, timeMax: .seconds(300), states
            ).forAllClinics,
            Route(
                .get, "/v1/provider-accounts/{accountID}/payouts/{payout}/report", operation: "readPayoutReport",
                access: .readPayouts, timeMax: .seconds(300), report
            ).forAllClinics,
        ]
    }

    @Sendable private func payouts(_ request: Request) async throws -> Response {
        let (after, since) = try request.readQuery { fields in
            (fields.optionalString("after", max: 1_000), fields.localDate("since"))
        }
        let found = try await read.run(
            try request.path("accountID"), of: try request.organisation, after: after, since: since)
        return try .json(.ok, Page(items: found.map(PayoutAnswer.init), next: nil))
    }

    @Sendable private func states(_ request: Request) async throws -> Response {
        let since = try request.readQuery { fields in fields.localDate("since") }
        let found = try await read.states(
            of: try request.path("accountID"), try request.organisation, since: since)
        return try .json(.ok, Page(items: found.map(PayoutStateAnswer.init), next: nil))
    }

    /// Asked twice the provider writes it once, so a repetition needs no key.
    @Sendable private func report(_ request: Request) async throws -> Response {
        let file = try await read.report(
            of: request.pathText("payout", max: 64), try request.path("accountID"), of: try request.organisation)
        return .bytes(.ok, file, contentType: "text/csv; charset=utf-8")
    }
}

/// A payout as the provider tells of it.
struct PayoutAnswer: Encodable, Sendable {
    struct Line: Encodable, Sendable {
        let kind: String
        let reference: String
        let paymentID: PaymentID?
        let paymentReference: String?
        let gross: Money
        let fee: Money
        let feeVAT: Money?

        init(_ line: ProviderPayoutLine) {
            (kind, reference) = (line.kind.rawValue, line.reference)
            (paymentID, paymentReference) = (line.payment, line.paymentReference)
            (gross, fee, feeVAT) = (line.gross, line.fee, line.feeVAT)
        }
    }

    let reference: String
    let paidOn: LocalDate
    let amount: Money
    let state: String
    let place: String
    let lines: [Line]

    init(_ payout: ProviderPayout) {
        (reference, paidOn, amount, place) = (payout.reference, payout.paidOn, payout.amount, payout.place)
        state = payout.state.rawValue
        lines = payout.lines.map(Line.init)
    }
}

/// How a payout stands by the provider's word.
struct PayoutStateAnswer: Encodable, Sendable {
    let reference: String
    let state: String

    init(_ standing: ProviderPayout.Standing) {
        (reference, state) = (standing.reference, standing.state.rawValue)
    }
}
