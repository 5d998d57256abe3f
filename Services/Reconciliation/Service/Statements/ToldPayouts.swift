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
        /// Ask for what comes after it.
        let place: String
        let lines: [Line]
    }

    let items: [Payout]

    static func path(_ source: PayoutSource, after place: String?) -> String {
        let after = place.map { "&after=\(escaped($0))" } ?? ""
        return "/v1/provider-accounts/\(source.account)/payouts?since=\(source.since)\(after)"
    }

    /// Percent-encodes whatever is not a letter, a digit or one of four marks (RFC 3986).
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-._~".utf8.contains(byte)
                }
            let hexadecimal = String(byte, radix: 16, uppercase: true)
            return isPlain ? String(UnicodeScalar(byte)) : "%\(byte < 16 ? "0" : "")\(hexadecimal)"
        }.joined()
    }
}

extension ToldPayouts.Payout {
    func report(of provider: Provider) throws -> SettlementReport {
        var draft = SettlementDraft(paidOn: paidOn)
        for line in lines { try draft.add(try line.settlementLine(in: reference)) }
        return SettlementReport(payouts: [try draft.payout(reference, announced: amount)])
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
