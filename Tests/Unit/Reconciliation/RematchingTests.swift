import PaymentModel
import ReconciliationDomain
import Testing

/// REC-5: what was pointed first has no claim to stay.
@Suite struct `Matching again when more has come` {
    private let day = LocalDate(year: 2026, month: 11, day: 20) ?? .earliest
    private let rematching = Rematching(PayoutMatching(windowDays: 5), JointMatching(windowDays: 5))

    @Test func `REC-2 REC-5 points the same in any order and portions of arrival, whatever ids the pieces get`() {
        var (ended, said) = (0, 0)
        holds(seeds: 1...600) { random in
            let day = try DayOfPieces(&random)
            let count = day.payouts.count + day.lines.count
            var (whole, bits) = (Desk(), Desk())
            day.arrive(Array(0..<count), in: count) { whole.take($0, $1, rematching, day, $2) }
            day.arrive(Array(0..<count).shuffled(using: &random), in: random.number(1...3)) {
                bits.take($0, $1, rematching, day, $2)
            }
            ended += bits.ended
            said += whole.pointings.count { $0.hasSuffix(" provider") }
            return bits.pointings == whole.pointings && whole.ended == 0
        }
        #expect(ended > 50, "what came later changed something")
        #expect(said > 50, "and the provider's word pointed what the bank does not show")
    }

    @Test func `REC-5 an equal amount that comes later makes doubtful what was pointed by its amount`() {
        let stood = rematching.run([payout(1, 5_000)], [line(1, 5_000, "VIR ALMA")], besides: .none)
        #expect(stood.matches.map(\.rule) == [.amountAndDate])
        let standing = StandingMatches(matches: stood.matches, joints: [])
        let second = rematching.run([payout(2, 5_000)], [], besides: standing)
        #expect(second.ended.matches == stood.matches && second.matches.isEmpty)
        #expect(second.payoutsLeft.count == 2 && second.bankLinesLeft.count == 1)
        let other = rematching.run([], [line(2, 5_000, "VIR ALMA")], besides: standing)
        #expect(other.ended.matches == stood.matches && other.matches.isEmpty)
        for quiet in [[payout(2, 5_001)], [payout(2, 5_000, days: 2)], [payout(2, 5_000, .stripe)]] {
            let kept = rematching.run(quiet, [], besides: standing)
            #expect(kept.ended.isEmpty && kept.matches.isEmpty, "\(quiet)")
        }
    }

    @Test func `REC-5 a reference that comes later is believed before the amount, and frees the line`() {
        let first = rematching.run([payout(1, 5_000)], [line(1, 5_000, "VIR ALMA")], besides: .none)
        let named = rematching.run(
            [], [line(2, 4_990, "ALMA payout_1")], besides: StandingMatches(matches: first.matches, joints: []))
        #expect(named.ended.matches == first.matches)
        #expect(named.matches.map(\.bankLine.id.value) == [2] && named.matches.map(\.rule) == [.reference])
        #expect(named.bankLinesLeft.map(\.id.value) == [1])
    }

    @Test func `REC-5 a longer reference that is told later takes the line from the one that is a part of it`() {
        let first = rematching.run([payout(1, 5_000)], [line(1, 4_990, "ALMA payout_1_7")], besides: .none)
        #expect(first.matches.map(\.payout.id.value) == [1])
        let second = rematching.run(
            [longer(2, 4_990)], [], besides: StandingMatches(matches: first.matches, joints: []))
        #expect(second.ended.matches == first.matches)
        #expect(second.matches.map(\.payout.id.value) == [2] && second.payoutsLeft.map(\.id.value) == [1])
    }

    @Test func `REC-5 what names a payout that is matched names no shorter one, however its parts sum up`() {
        let payouts = [payout(1, 5_000), longer(2, 7_000)]
        let text = "ALMA payout_1_7"
        let three = [line(1, 7_000, text), line(2, 2_000, text), line(3, 3_000, text)]
        let found = rematching.run(payouts, three, besides: .none)
        #expect(found.matches.map { [$0.payout.id.value, $0.bankLine.id.value] } == [[2, 1]])
        #expect(found.joints.isEmpty && found.payoutsLeft.map(\.id.value) == [1], "no line names it")
        let parts = [line(2, 2_000, "ALMA payout_1"), line(3, 3_000, "ALMA payout_1")]
        let joined = rematching.run(payouts, [three[0], line(4, 100, text)] + parts, besides: .none)
        #expect(joined.joints.map { $0.bankLines.map(\.id.value) } == [[2, 3]], "the further is no part")
    }

    @Test(arguments: ["payout_1_7", "TR-payout_1", "tr_payout_1_7", "x_payout.1_7.2"])
    func `REC-5 what names a payout that somebody holds names none whose reference is a part of that`(held: String) {
        let payouts = [payout(1, 5_000)]
        let lines = [line(1, 7_000, "VIR ALMA \(held) SAS"), line(2, 2_000, held), line(3, 3_000, held)]
        let unknown = rematching.run(payouts, [lines[0]], besides: .none, knowing: ["payout_9_9", "payout_1"])
        #expect(unknown.matches.map(\.bankLine.id.value) == [1], "while the longer is not known")
        let known = rematching.run(payouts, lines, besides: .none, knowing: [held])
        #expect(known.matches.isEmpty && known.joints.isEmpty)
        let standing = StandingMatches(matches: unknown.matches, joints: [])
        let later = rematching.run([], [], besides: standing, knowing: [held])
        #expect(later.ended.matches == unknown.matches && later.matches.isEmpty, "be it told of later")
        let both = rematching.run(payouts, [line(1, 4_990, "\(held), PAYOUT 1")], besides: .none, knowing: [held])
        #expect(both.matches.map(\.rule) == [.reference], "each on its own is named")
    }

    @Test func `REC-5 proposes no line that names a payout which is matched`() {
        let joining = JointMatching(windowDays: 5)
        let lines = [line(1, 7_000, "ALMA payout_long"), line(2, 5_000, "ALMA payout_long")]
        let payouts = [payout(1, 2_000), payout(2, 3_000), longer(3, 7_000, "payout_long")]
        let found = rematching.run(payouts, lines, besides: .none)
        #expect(found.matches.map(\.bankLine.id.value) == [1] && found.bankLinesLeft.map(\.id.value) == [2])
        #expect(joining.proposals(of: found).isEmpty)
        let unnamed = rematching.run(payouts, [lines[0], line(2, 5_000, "VIR ALMA")], besides: .none)
        #expect(joining.proposals(of: unnamed).map { $0.payouts.map(\.id.value) } == [[1, 2]])
    }

    @Test func `REC-5 what is named to the cent stays, whatever else names it`() {
        let first = rematching.run([payout(1, 5_000)], [line(1, 5_000, "ALMA payout_1")], besides: .none)
        let more = rematching.run(
            [payout(2, 7_000)], [line(2, 50, "RETRO payout_1"), line(3, 6_000, "ALMA payout_1 payout_2")],
            besides: StandingMatches(matches: first.matches, joints: []))
        #expect(more.ended.isEmpty && more.matches.isEmpty)
        #expect(more.payoutsLeft.map(\.id.value) == [2] && more.bankLinesLeft.map(\.id.value) == [2, 3])
    }

    @Test func `REC-5 what was joined is taken apart when the text names one more that does not add up`() {
        let text = "ALMA payout_1 payout_2 payout_3"
        let first = rematching.run([payout(1, 5_000), payout(2, 7_000)], [line(1, 12_000, text)], besides: .none)
        #expect(first.joints.count == 1)
        let standing = StandingMatches(
            matches: [],
            joints: first.joints.map {
                StandingMatches.Joint(id: JointPointingID(1), payouts: $0.payouts, bankLines: $0.bankLines)
            })
        #expect(rematching.run([], [], besides: standing).ended.isEmpty)
        let third = rematching.run([payout(3, 100)], [], besides: standing)
        #expect(third.ended.joints == standing.joints && third.joints.isEmpty && third.matches.isEmpty)
        #expect(third.payoutsLeft.count == 3 && third.bankLinesLeft.count == 1)
    }

    @Test func `REC-5 what was pointed by its amount says so no more when a report changes that`() throws {
        let fee = MatchingRule.Tolerance(
            most: .euros(cents: 10), difference: Difference(account: .commissions, reason: "the bank's fee"))
        let rule = MatchGround(.organisationRule, name: "psp", tolerance: fee)
        for (ground, cents, holds) in [
            (MatchGround(.reference), 7, true), (MatchGround(.amountAndDate), 0, true),
            (MatchGround(.amountAndDate), 1, false), (rule, -10, true), (rule, -11, false),
        ] as [(MatchGround, Int64, Bool)] {
            #expect(try ground.holds(with: .euros(cents: cents)) == holds, "\(ground.rule) \(cents)")
        }
    }

    private func payout(_ id: UInt128, _ cents: Int64, days: Int = 0, _ provider: Provider = .alma) -> PendingPayout {
        PendingPayout(
            id: PayoutID(id), provider: provider, reference: "payout_\(id)", amount: .euros(cents: cents),
            paidOn: day.adding(days: days))
    }

    /// Its reference has that of the first as a part.
    private func longer(_ id: UInt128, _ cents: Int64, _ reference: String = "payout_1_7") -> PendingPayout {
        PendingPayout(
            id: PayoutID(id), provider: .alma, reference: reference, amount: .euros(cents: cents), paidOn: day)
    }

    private func line(_ id: UInt128, _ cents: Int64, _ text: String) -> PendingBankLine {
        PendingBankLine(
            id: BankLineID(id), amount: .euros(cents: cents), bookedOn: day.adding(days: 1), text: text)
    }
}

/// Payouts and bank lines of some days: equal amounts, names, several for one, and what only a rule says.
private struct DayOfPieces {
    typealias Piece = (cents: Int64, days: Int, text: String)

    /// The text of a payout is its reference, that of a line begins with the bank's own.
    private(set) var payouts: [Piece] = []
    private(set) var lines: [Piece] = []
    let rules: MatchingRules
    /// Numbers of a payout and a line that a person took apart.
    private let apart: (payout: Int, line: Int)
    /// Whether a person or closed books hold the payout of the longest reference.
    let isLongestHeld: Bool

    init(_ random: inout SeededGenerator) throws {
        payouts = (0..<8).map { number in
            (random.number(1...4) * 1_000, random.number(0...6), "payout_\(number)")
        }
        for number in 0..<7 {
            let (one, two) = (payouts[random.number(0...3)], payouts[random.number(4...7)])
            let bank = "K\(number)"
            switch random.number(0...6) {
            case 0: lines.append((one.cents, random.number(1...9), "\(bank) ALMA \(one.text)"))
            case 1: lines.append((one.cents + two.cents, random.number(1...9), "\(bank) ALMA \(one.text) \(two.text)"))
            case 2:
                lines.append((400, random.number(1...9), "\(bank) ALMA \(two.text) 1"))
                lines.append((two.cents - 400, random.number(1...9), "\(bank) ALMA \(two.text) 2"))
            case 3:
                lines.append((one.cents + random.number(-2...2), one.days + random.number(0...4), "\(bank) PSP"))
            default: lines.append((one.cents, one.days + random.number(0...5), "\(bank) ALMA"))
            }
        }
        rules = try MatchingRules([
            MatchingRule(
                name: "psp", line: .init(words: ["PSP"], iban: nil, least: nil, most: nil),
                payout: .init(provider: nil, referencePrefix: nil), days: 0...4,
                tolerance: MatchingRule.Tolerance(
                    most: .euros(cents: 2), difference: Difference(account: .commissions, reason: "the bank's fee")))
        ])
        apart = (random.number(0...7), random.number(0...6))
        // What some lines say behind a reference may be the rest of a longer one.
        let shorter = payouts[random.number(4...7)].text
        payouts.append((random.number(1...4) * 1_000, random.number(0...6), "\(shorter)_1"))
        isLongestHeld = Bool.random(using: &random)
    }

    /// What the provider says of a payout, whenever it is told.
    static func word(of payout: PendingPayout) -> ProvidersWord {
        let words: [ProvidersWord] = [.sent, .paid, .paid, .failed]
        return words[Int(payout.reference.utf8.last ?? 0) % words.count]
    }

    /// Hands over the pieces in an order and in portions; ids are in the order of arrival.
    func arrive(
        _ order: [Int], in portion: Int, _ take: ([PendingPayout], [PendingBankLine], Set<RefusedPair>) -> Void
    ) {
        let day = LocalDate(year: 2026, month: 11, day: 20) ?? .earliest
        let ids = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, UInt128($0 + 1)) })
        let refused: Set = [
            RefusedPair(
                payout: PayoutID(ids[apart.payout] ?? 0), bankLine: BankLineID(ids[payouts.count + apart.line] ?? 0))
        ]
        for start in stride(from: 0, to: order.count, by: portion) {
            let numbers = order[start..<min(start + portion, order.count)]
            take(
                numbers.filter { $0 < payouts.count }.map { number in
                    let piece = payouts[number]
                    return PendingPayout(
                        id: PayoutID(ids[number] ?? 0), provider: .alma, reference: piece.text,
                        amount: .euros(cents: piece.cents), paidOn: day.adding(days: piece.days))
                },
                numbers.filter { $0 >= payouts.count }.map { number in
                    let piece = lines[number - payouts.count]
                    return PendingBankLine(
                        id: BankLineID(ids[number] ?? 0), amount: .euros(cents: piece.cents),
                        bookedOn: day.adding(days: piece.days), text: piece.text)
                }, refused)
        }
    }
}

/// What is pointed, and what waits.
private struct Desk {
    private var payouts: [PendingPayout] = []
    private var lines: [PendingBankLine] = []
    private var standing = StandingMatches.none
    private var held: [String] = []
    /// How often something was taken back.
    private(set) var ended = 0

    mutating func take(
        _ payouts: [PendingPayout], _ lines: [PendingBankLine], _ rematching: Rematching, _ day: DayOfPieces,
        _ refused: Set<RefusedPair>
    ) {
        let others = payouts.filter { day.isLongestHeld && $0.reference == day.payouts.last?.text }
        held += others.map(\.reference)
        let found = rematching.run(
            self.payouts + payouts.filter { !others.contains($0) }, self.lines + lines, besides: standing,
            refusing: refused, by: day.rules, knowing: held)
        let (matches, joints) = (Set(found.ended.matches), Set(found.ended.joints))
        ended += matches.count + joints.count
        standing = StandingMatches(
            matches: standing.matches.filter { !matches.contains($0) } + found.matches,
            joints: standing.joints.filter { !joints.contains($0) }
                + found.joints.map {
                    StandingMatches.Joint(id: JointPointingID(1), payouts: $0.payouts, bankLines: $0.bankLines)
                })
        (self.payouts, self.lines) = (found.payoutsLeft, found.bankLinesLeft)
    }

    /// By the names the provider and the bank give, with the reason; of what is left, on the provider's word.
    var pointings: Set<String> {
        let said = payouts.filter { SaidPayout($0, word: DayOfPieces.word(of: $0)).isPointedByWord }
        let joined = standing.joints.map { joint in
            let (payouts, lines) = (joint.payouts.map(\.reference), joint.bankLines.map(\.text))
            return "\(payouts.sorted()) = \(lines.sorted())"
        }
        return Set(said.map { "\($0.reference) provider" })
            .union(standing.matches.map { "\($0.payout.reference) = \($0.bankLine.text) \($0.rule)" })
            .union(joined)
    }
}
