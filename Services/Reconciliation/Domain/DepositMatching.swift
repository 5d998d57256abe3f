package import PaymentModel

/// A remittance that waits for its bank line.
package struct PendingRemittance: Hashable, Sendable {
    package let id: RemittanceID
    package let tender: Tender
    /// The number of its slip.
    package let reference: String
    package let amount: Money
    package let madeOn: LocalDate

    package init(id: RemittanceID, tender: Tender, reference: String, amount: Money, madeOn: LocalDate) {
        self.id = id
        self.tender = tender
        self.reference = reference
        self.amount = amount
        self.madeOn = madeOn
    }
}

/// A remittance and a bank line that a person took apart.
package struct RefusedDeposit: Hashable, Sendable {
    package let remittance: RemittanceID
    package let bankLine: BankLineID

    package init(remittance: RemittanceID, bankLine: BankLineID) {
        self.remittance = remittance
        self.bankLine = bankLine
    }
}

/// A remittance and the bank line that is it, with the rule that says so.
package struct DepositMatch: Hashable, Sendable {
    package let remittance: PendingRemittance
    package let bankLine: PendingBankLine
    package let rule: PayoutMatch.Rule
    package let windowDays: Int

    package init(remittance: PendingRemittance, bankLine: PendingBankLine, rule: PayoutMatch.Rule, windowDays: Int) {
        self.remittance = remittance
        self.bankLine = bankLine
        self.rule = rule
        self.windowDays = windowDays
    }

    /// What the bank booked more (or less) than the slip says.
    package func difference() throws(MoneyError) -> Money { try bankLine.amount.subtracting(remittance.amount) }

    /// Refuses a difference that nobody explains.
    package func check(_ said: Difference?) throws {
        try Difference.check(difference(), of: remittance.reference, said: said, withCommissions: true)
    }

    /// Why the two are taken for each other, as sentences for whoever checks it.
    package var reasons: [Sentence] {
        switch rule {
        case .byHand: ["A person said so."]
        case .reference: ["The amount is the same.", "The bank's text has the number \(remittance.reference)."]
        case .amountAndDate, .organisationRule, .sum, .nothing, .provider:
            [
                "The amount is the same.", "The bank's text has a word for \(remittance.tender.rawValue).",
                "It was booked \(PayoutMatch.words(days: days)) after the slip's date, of \(windowDays) at most.",
                "No other remittance and no other bank line fit.",
            ]
        }
    }

    private var days: Int { bankLine.bookedOn.daysSince1970 - remittance.madeOn.daysSince1970 }
}

/// Which bank line is which remittance: never another amount than the slip's, the same answer in any order (REC-10).
package struct DepositMatching: Sendable {
    /// How many days the bank may take to book it.
    package let windowDays: Int

    package init(windowDays: Int) { self.windowDays = windowDays }

    /// The number of the slip in the bank's text decides; then the date and a word for what was brought.
    ///
    /// A line that names a provider is a payout's. Only pieces that have each other and nobody else are a match, and
    /// what names a slip is never matched without it. Pairs in `refused` stay apart.
    package func matches(
        _ remittances: [PendingRemittance], _ lines: [PendingBankLine], refusing refused: Set<RefusedDeposit> = []
    ) -> [DepositMatch] {
        let slips = SlipNumbers(remittances)
        let read = lines.map(ReadLine.init).filter { !$0.words.nameProvider }
        let byAmount = Dictionary(grouping: remittances, by: \.amount)
        func pairs(_ lines: [ReadLine], _ fits: (PendingRemittance, ReadLine) -> Bool) -> [Pair] {
            lines.flatMap { line in
                (byAmount[line.line.amount] ?? []).filter {
                    !refused.contains(RefusedDeposit(remittance: $0.id, bankLine: line.line.id)) && fits($0, line)
                }.map { Pair(remittance: $0, line: line.line) }
            }
        }
        let named = pairs(read) { slips.isNamed($0, in: $1.words) }
        let taken = Set(named.map(\.remittance.id))
        let close = pairs(read.filter { !slips.areNamed(in: $0.words) }) { remittance, line in
            !taken.contains(remittance.id) && isNear(remittance, line)
        }
        return unambiguous(named, .reference) + unambiguous(close, .amountAndDate)
    }

    /// What is to be done about what matching has pointed, and what waits.
    package struct Outcome: Sendable {
        /// What stood and does so no more.
        package let ended: [DepositMatch]
        package let matches: [DepositMatch]
    }

    /// Matching over all that nobody holds, be it pointed already or not: what was pointed first has no claim to stay.
    ///
    /// `remittances` and `lines` are those that nothing is pointed to.
    package func rematch(
        _ remittances: [PendingRemittance], _ lines: [PendingBankLine], besides standing: [DepositMatch],
        refusing refused: Set<RefusedDeposit> = []
    ) -> Outcome {
        let found = matches(
            remittances + standing.map(\.remittance), lines + standing.map(\.bankLine), refusing: refused)
        let (stood, holds) = (Set(standing), Set(found))
        return Outcome(
            ended: standing.filter { !holds.contains($0) }, matches: found.filter { !stood.contains($0) })
    }

    private func isNear(_ remittance: PendingRemittance, _ line: ReadLine) -> Bool {
        (0...windowDays).contains(line.line.bookedOn.daysSince1970 - remittance.madeOn.daysSince1970)
            && remittance.tender.bankWords.contains { line.words.contains($0) }
    }

    private func unambiguous(_ pairs: [Pair], _ rule: PayoutMatch.Rule) -> [DepositMatch] {
        MutualPairs.of(pairs, \.remittance.id, \.line.id)
            .sorted { $0.remittance.id < $1.remittance.id }
            .map { DepositMatch(remittance: $0.remittance, bankLine: $0.line, rule: rule, windowDays: windowDays) }
    }
}

/// Two that may belong together.
private struct Pair {
    let remittance: PendingRemittance
    let line: PendingBankLine
}

/// The numbers of slips, found in texts by a look into a table for each run of words.
private struct SlipNumbers {
    /// A shorter number would be found in texts that mean something else.
    private static let charactersMin = 4

    private var keys: [RemittanceID: Set<String>] = [:]
    private var all: Set<String> = []
    /// Of how many words numbers consist, the longest first.
    private let counts: [Int]

    init(_ remittances: [PendingRemittance]) {
        var counts: Set<Int> = [1]
        for remittance in remittances {
            let number = ReferenceWords(remittance.reference)
            guard number.joined.count >= Self.charactersMin, let key = number.key else { continue }
            keys[remittance.id] = [key, number.joined]
            all.formUnion([key, number.joined])
            counts.insert(number.words.count)
        }
        self.counts = counts.sorted(by: >)
    }

    func isNamed(_ remittance: PendingRemittance, in text: ReferenceWords) -> Bool {
        guard let keys = keys[remittance.id] else { return false }
        return runs(of: text).contains { keys.contains($0) }
    }

    func areNamed(in text: ReferenceWords) -> Bool { !runs(of: text).isEmpty }

    private func runs(of text: ReferenceWords) -> [String] { text.runs(of: counts) { all.contains($0) } }
}

extension ReferenceWords {
    fileprivate var nameProvider: Bool { Provider.allCases.contains { contains($0.rawValue.uppercased()) } }
}
