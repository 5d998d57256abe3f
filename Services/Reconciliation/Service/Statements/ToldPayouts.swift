import HTTPClient
import PaymentModel
import ReconciliationDomain

/// What payment-orchestrator answers about the payouts of an account.
struct ToldPayouts: Decodable, Sendable {
    struct Payout: Decodable, Sendable {
        struct Line: Decodable, Sendable {
            let kind: String
            let reference: String
            let paymentID: PaymentID?
            let paymentReference: String?
            let gross: Money
            let fee: Money
            let feeVAT: Money?
        }

        let reference: String
        let paidOn: LocalDate
        let amount: Money
        /// What the provider says of it as a whole; nothing of a version of the other service that did not tell.
        let state: String?
        /// Ask for what comes after it.
        let place: String
        let lines: [Line]
    }

    let items: [Payout]

    static func path(_ source: PayoutSource, after place: String?) -> String {
        let after = place.map { "&after=\(PercentCoding.encoded($0))" } ?? ""
        return "/v1/provider-accounts/\(source.account)/payouts?since=\(source.since)\(after)"
    }
}

/// What payment-orchestrator answers about payouts that were told before.
struct ToldPayoutStates: Decodable, Sendable {
    struct State: Decodable, Sendable {
        let reference: String
        let state: String
    }

    let items: [State]

    /// Those whose word this version knows.
    var words: [(reference: String, word: ProvidersWord)] {
        items.compactMap { item in ProvidersWord(rawValue: item.state).map { (item.reference, $0) } }
    }

    static func path(_ source: PayoutSource, since day: LocalDate) -> String {
        "/v1/provider-accounts/\(source.account)/payout-states?since=\(day)"
    }
}

extension ToldPayouts.Payout {
    func report(of provider: Provider) throws -> SettlementReport {
        var draft = SettlementDraft(paidOn: paidOn)
        for line in lines { try draft.add(try line.settlementLine(in: reference)) }
        var payout = try draft.payout(reference, announced: amount)
        payout.word = state.flatMap { ProvidersWord(rawValue: $0) }
        return SettlementReport(payouts: [payout])
    }
}

extension ToldPayouts.Payout.Line {
    fileprivate func settlementLine(in payout: String) throws -> SettlementLine {
        guard let kind = SettlementLine.Kind(rawValue: kind) else {
            throw FileProblem(
                line: nil, reason: "The line \(reference) is a \(kind), which this version does not know.",
                remedy: "Bring all services to the same version.")
        }
        return SettlementLine(
            kind: kind, reference: reference, paymentReference: paymentID.map { "\($0)" } ?? paymentReference,
            payoutReference: payout, gross: gross, fee: fee, feeVAT: feeVAT)
    }
}
