import PaymentModel
import ReconciliationDomain

/// A provider's report of one or several payouts that is small enough to be held in memory.
struct SettlementReport: Sendable, Equatable {
    let payouts: [Payout]

    struct Payout: Sendable, Equatable {
        let reference: String
        let paidOn: LocalDate
        /// What the provider says it sent: the sum of the lines, each once.
        let amount: Money
        let lines: [SettlementLine]
        /// Lines whose reference is in the report twice; they count once.
        let duplicates: [String]
        /// What the provider says of it as a whole; nil where it says nothing.
        var word: ProvidersWord?
    }
}

/// A payout while its lines are read.
struct SettlementDraft {
    let paidOn: LocalDate
    private var lines: [SettlementLine] = []
    private var duplicates: [String] = []
    private var known: [String: SettlementLine] = [:]

    init(paidOn: LocalDate) { self.paidOn = paidOn }

    mutating func add(_ line: SettlementLine) throws {
        if let first = lines.first, first.gross.currency != line.gross.currency {
            throw FileProblem.currency(line.gross.currency, first.gross.currency, line: nil)
        }
        guard let before = known[line.reference] else {
            known[line.reference] = line
            return lines.append(line)
        }
        guard before == line else { throw FileProblem.toldOtherwise(line.reference, line: nil) }
        duplicates.append(line.reference)
    }

    /// `announced` is what the report says of the payout as a whole.
    func payout(_ reference: String, announced: Money) throws -> SettlementReport.Payout {
        let nets = try lines.map { try $0.net() }
        let amount = try Money.sum(nets, in: lines.first?.gross.currency ?? announced.currency)
        guard announced == amount else { throw FileProblem.sum(of: reference, announced, amount, line: nil) }
        return SettlementReport.Payout(
            reference: reference, paidOn: paidOn, amount: amount, lines: lines, duplicates: duplicates)
    }
}

extension FileProblem {
    static func currency(_ currency: Currency, _ payouts: Currency, line: Int?) -> FileProblem {
        FileProblem(
            line: line, reason: "It is in \(currency), its payout in \(payouts).", remedy: "Export the report again.")
    }

    static func toldOtherwise(_ reference: String, line: Int?) -> FileProblem {
        FileProblem(
            line: line, reason: "The line \(reference) was told before with another content.",
            remedy: "Export the report again.")
    }

    static func sum(of reference: String, _ announced: Money, _ amount: Money, line: Int?) -> FileProblem {
        FileProblem(
            line: line, reason: "The payout \(reference) is \(announced), its lines sum to \(amount).",
            remedy: "Export the report again.")
    }
}
