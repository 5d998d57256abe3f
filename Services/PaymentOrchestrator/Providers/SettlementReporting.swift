package import PaymentModel

/// A provider that tells what it paid out and what each payout consists of (REC-3).
///
/// An adapter MUST
/// - tell payouts oldest first, each with all its lines or not yet: while they do not sum up it is `OutcomeUnknown`,
/// - name a payment of ours by our own name, whatever the provider calls it,
/// - tell the same payout by the same references however often and from whatever place it is asked.
package protocol SettlementReporting: Sendable {
    /// The payouts that come next after a place, a few at a time; none when the provider has told all it has.
    func payouts(
        after place: String?, since: Instant, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> [ProviderPayout]

    /// How payouts that were made since then stand now, where the provider may say something else of one than when it
    /// told of it.
    func payoutStates(
        since: Instant, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> [ProviderPayout.Standing]

    /// All of one payout as a file, where the provider writes one when it is asked to; that may take a while.
    ///
    /// Whoever asks again after `beingWritten` goes on where it was, as far as the provider lets.
    func report(
        ofPayout reference: String, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> PayoutReport
}

extension SettlementReporting {
    /// Most providers tell of a payout once it is made.
    package func payoutStates(
        since: Instant, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> [ProviderPayout.Standing] { [] }

    /// Most providers tell by their API all they know.
    package func report(
        ofPayout reference: String, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> PayoutReport {
        .refused("this provider writes no report of a payout")
    }
}

/// A provider's own file of one payout.
package enum PayoutReport: Hashable, Sendable {
    /// As CSV, as the provider wrote it.
    case written([UInt8])
    /// Longer than anybody waits for it at once.
    case beingWritten
    /// The provider knows no such payout, or has no such file of it.
    case refused(String)
}

/// Money a provider sent to the bank, and why it is the sum it is.
package struct ProviderPayout: Hashable, Sendable {
    /// How many payouts one answer tells.
    static let countMax = 20
    /// After how many lines an answer tells no further payout.
    static let linesMax = 20_000

    /// What the provider says of it as a whole.
    package enum State: String, Hashable, Sendable, CaseIterable {
        /// It is on its way.
        case sent
        /// It has arrived; Stripe may still take that back.
        case paid
        /// It never arrived, or came back.
        case failed
    }

    /// A payout by its name, with its state now.
    package struct Standing: Hashable, Sendable {
        /// The provider's name for it.
        package let reference: String
        /// What the provider says of it.
        package let state: State
    }

    /// The provider's name for it.
    package let reference: String
    /// When the provider sent it, or says that it arrives.
    package let paidOn: LocalDate
    /// What the provider sent.
    package let amount: Money
    /// What the provider says of it as a whole.
    package let state: State
    /// All of it, so that they sum to the amount.
    package let lines: [ProviderPayoutLine]
    /// Where to go on after it.
    package let place: String
}

/// What a provider did with one payment, or took for itself, in one payout.
package struct ProviderPayoutLine: Hashable, Sendable {
    /// What the provider says the line is.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case payment, refund
        /// A client's bank took the money back, or had to give it back.
        case dispute
        /// What the provider charged by itself.
        case fee
        /// Something else the provider gave or took.
        case adjustment
        /// Money that stays with the provider, or has stayed there until now.
        case carried
    }

    /// What it is.
    package let kind: Kind
    /// The provider's name for the line, the same whenever it is told.
    package let reference: String
    /// Our own name for the payment, where the provider was told it.
    package let payment: PaymentID?
    /// The provider's, where it has one.
    package let paymentReference: String?
    /// Signed as the provider owes it: a payment is positive, a refund negative.
    package let gross: Money
    /// What the provider keeps of it, with VAT.
    package let fee: Money
    /// How much of the fee is VAT, where the provider says so.
    package let feeVAT: Money?

    init(
        _ kind: Kind, _ reference: String, of payment: (ours: PaymentID?, theirs: String?) = (nil, nil), gross: Money,
        fee: (all: Money, vat: Money?)
    ) {
        self.kind = kind
        self.reference = reference
        (self.payment, paymentReference) = payment
        self.gross = gross
        (self.fee, feeVAT) = fee
    }

    var net: Money { get throws(MoneyError) { try gross.subtracting(fee) } }
}

extension ProviderPayout {
    /// Refuses what does not add up: it may be told by halves yet.
    func checked(_ provider: String) throws(OutcomeUnknown) -> ProviderPayout {
        let sum: Money
        do throws(MoneyError) {
            var nets: [Money] = []
            for line in lines { nets.append(try line.net) }
            sum = try Money.sum(nets, in: amount.currency)
        } catch {
            throw OutcomeUnknown("the lines of \(provider)'s payout \(reference) do not add up: \(error)")
        }
        guard sum == amount else {
            throw OutcomeUnknown("\(provider)'s payout \(reference) is \(amount), its lines sum to \(sum)")
        }
        return self
    }
}

/// An amount that may be below nothing, within what an amount can be.
struct SignedUnits: Decodable, Hashable {
    let minorUnits: Int64

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        minorUnits = try container.decode(Int64.self)
        guard (-1_000_000_000_000...1_000_000_000_000).contains(minorUnits) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "beyond an amount")
        }
    }
}

/// When something happened and its name: an order that no two things share.
struct DatedName: Hashable, Comparable {
    let at: Int64
    let name: String

    /// `1800000000 po_x`, as a place is written.
    init?(_ text: String) {
        let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let at = Int64(parts[0]) else { return nil }
        self.init(at: at, name: String(parts[1]))
    }

    init(at: Int64, name: String) {
        self.at = at
        self.name = name
    }

    /// Where a provider's list goes on: after a place, or from an instant.
    static func start(after place: String?, since: Instant) throws(OutcomeUnknown) -> DatedName {
        guard let place else { return DatedName(at: max(since.secondsSince1970, 0), name: "") }
        guard let known = DatedName(place) else { throw OutcomeUnknown("the place is none of this provider's") }
        return known
    }

    var text: String { "\(at) \(name)" }

    static func < (left: DatedName, right: DatedName) -> Bool { (left.at, left.name) < (right.at, right.name) }
}
