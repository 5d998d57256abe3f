import PaymentModel
import ReconciliationDomain

/// What payments of one clinic, provider and plan came to in a span of days, or all of them together (REC-9).
struct StatisticAnswer: Codable, Sendable {
    /// The first day of the span.
    let from: LocalDate
    let clinicID: ClinicID?
    let provider: Provider
    /// Nothing where no event has told of it.
    let plan: String?
    let accepted: Int
    let refused: Int
    let cancelled: Int
    let expired: Int
    /// Of the accepted, like the fees.
    let amount: Money
    /// Without VAT.
    let fee: Money
    let feeVAT: Money
    let averageBasket: Money?
    let inInstalments: Int

    init(from: LocalDate, clinicID: ClinicID?, provider: Provider, plan: String?, _ figures: SalesFigures) {
        self.from = from
        self.clinicID = clinicID
        self.provider = provider
        self.plan = plan
        accepted = figures.count(.accepted)
        refused = figures.count(.refused)
        cancelled = figures.count(.cancelled)
        expired = figures.count(.expired)
        amount = figures.amount
        fee = figures.fee
        feeVAT = figures.feeVAT
        averageBasket = figures.averageBasket
        inInstalments = figures.inInstalments
    }

    var figures: SalesFigures {
        SalesFigures(
            counts: [.accepted: accepted, .refused: refused, .cancelled: cancelled, .expired: expired],
            inInstalments: inInstalments, amount: amount, fee: fee, feeVAT: feeVAT)
    }
}

/// The sums of all rows in one currency, or of those of one span.
struct StatisticTotals: Codable, Sendable {
    /// The first day of the span; nothing for the whole period.
    let from: LocalDate?
    let accepted: Int
    let refused: Int
    let cancelled: Int
    let expired: Int
    let amount: Money
    let fee: Money
    let feeVAT: Money
    let averageBasket: Money?
    /// How many of the accepted are paid in several parts, in basis points.
    let instalmentShare: BasisPoints?

    init(_ figures: SalesFigures, from: LocalDate? = nil) {
        self.from = from
        accepted = figures.count(.accepted)
        refused = figures.count(.refused)
        cancelled = figures.count(.cancelled)
        expired = figures.count(.expired)
        amount = figures.amount
        fee = figures.fee
        feeVAT = figures.feeVAT
        averageBasket = figures.averageBasket
        instalmentShare = figures.instalmentShare
    }
}

/// Figures with their sums, and as of when they are.
struct StatisticsAnswer: Codable, Sendable {
    /// When the payments were summed up; nothing where they never were.
    let asOf: Instant?
    let items: [StatisticAnswer]
    /// By currency.
    let totals: [StatisticTotals]
    /// By span and currency.
    let spans: [StatisticTotals]

    init(asOf: Instant?, items: [StatisticAnswer]) throws {
        self.asOf = asOf
        self.items = items
        var sums: [Currency: SalesFigures] = [:]
        var bySpan: [LocalDate: [Currency: SalesFigures]] = [:]
        for item in items {
            let (currency, none) = (item.amount.currency, SalesFigures(in: item.amount.currency))
            try sums[currency, default: none].add(item.figures)
            try bySpan[item.from, default: [:]][currency, default: none].add(item.figures)
        }
        totals = Self.inOrder(sums).map { StatisticTotals($0) }
        spans = bySpan.sorted { $0.key < $1.key }.flatMap { day, sums in
            Self.inOrder(sums).map { StatisticTotals($0, from: day) }
        }
    }

    private static func inOrder(_ sums: [Currency: SalesFigures]) -> [SalesFigures] {
        sums.sorted { $0.key.code < $1.key.code }.map(\.value)
    }
}

/// How many payments are of a size.
struct BasketAnswer: Codable, Sendable {
    /// The least they come to; the next size begins where this one ends.
    let from: Money
    let accepted: Int
    let amount: Money
}

/// Sizes of payments, and as of when they are.
struct BasketsAnswer: Codable, Sendable {
    let asOf: Instant?
    let items: [BasketAnswer]
}

/// When the payments were summed up.
struct StatisticRunAnswer: Codable, Sendable {
    let asOf: Instant
}
