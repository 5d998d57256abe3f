import PaymentModel
import PaymentOrchestratorDomain

/// Payments in every state, each brought there by the events that lead to it.
enum PaymentExamples {
    static let attempt = AttemptID(1)
    static let secondAttempt = AttemptID(2)
    static let now = Instant(secondsSince1970: 1_800_000_000)
    static let amount = Money.euros(cents: 20_000)
    static let reference = "payment_example"
    static let payURL = "https://checkout.example/payment_example"
    static let fee = ProviderFee(net: .euros(cents: 600), vat: .euros(cents: 120))
    static let today = LocalDate("2027-01-15") ?? .earliest

    static let terms = PaymentTerms(
        id: PaymentID(7), debt: .invoice(InvoiceID(8)), client: ClientID(9), amount: amount, plan: .inInstalments(3),
        provider: .alma, account: ProviderAccountID(10), channel: .sms, feeOffered: false,
        expiresAt: now.adding(.seconds(3600)))

    /// What money that went back without an order of ours is called.
    static let elsewhere = RefundID(90)

    static func context(
        receivableSettled: Bool = false, failedRefunds: Set<RefundID> = [], endedDisputes: Set<String> = [],
        knowsAcceptance: Bool = false, orderLease: Duration = .zero, at instant: Instant = now
    ) -> ObservationContext {
        ObservationContext(
            now: instant, localDate: { _ in today }, payoutOffsetDays: 7, fallbackFee: fee,
            receivableSettled: receivableSettled, failedRefunds: failedRefunds, endedDisputes: endedDisputes,
            knowsAcceptance: knowsAcceptance, orderLease: orderLease, nameRefund: { elsewhere })
    }

    static func report(_ status: ProviderReport.Status, reference: String = reference) -> ProviderReport {
        ProviderReport(reference: reference, attempt: attempt, status: status, amount: amount, payURL: payURL)
    }

    static func payment(in state: PaymentState) throws -> Payment {
        var payment = Payment.request(terms, at: now.adding(.zero - Payment.linkPause)).payment
        for event in path(to: state) { _ = try event.apply(to: &payment) }
        precondition(payment.state == state, "the path to \(state) ends in \(payment.state)")
        return payment
    }

    private static func path(to state: PaymentState) -> [PaymentEvent] {
        switch state {
        case .requested: []
        case .starting: [.start]
        case .unknown: [.start, .startLost]
        case .open: [.start, .opened]
        case .cancelling: [.start, .opened, .cancel]
        case .accepted: [.start, .opened, .sawPaid]
        case .refused: [.start, .opened, .sawRefused]
        case .cancelled: [.start, .opened, .cancel, .sawCancelled]
        case .expired: [.start, .opened, .sawExpired]
        }
    }
}

/// Everything that can happen to a payment, one case each, so that a table can name them all.
enum PaymentEvent: String, CaseIterable {
    case start, opened, startRefused, neverReached, startLost
    case sawPending, sawPaid, sawRefused, sawCancelled, sawExpired, sawLapsed
    case cancel, expire, refund, link, erase

    func apply(to payment: inout Payment) throws(PaymentRejection) -> [PaymentFact] {
        let attempt = payment.attempts.last?.id ?? PaymentExamples.attempt
        let context = PaymentExamples.context()
        switch self {
        case .start: return try payment.start(PaymentExamples.attempt, at: PaymentExamples.now)
        case .opened:
            let outcome = StartOutcome.opened(
                reference: PaymentExamples.reference, payURL: PaymentExamples.payURL)
            return try payment.recordStart(of: attempt, outcome)
        case .startRefused: return try payment.recordStart(of: attempt, .refused("no"))
        case .neverReached: return try payment.recordStart(of: attempt, .neverReached)
        case .startLost: return try payment.recordStart(of: attempt, .unknown)
        case .sawPending: return try payment.observe(PaymentExamples.report(.pending), of: attempt, in: context)
        case .sawPaid: return try payment.observe(PaymentExamples.report(.paid), of: attempt, in: context)
        case .sawRefused: return try payment.observe(PaymentExamples.report(.refused("no")), of: attempt, in: context)
        case .sawCancelled: return try payment.observe(PaymentExamples.report(.cancelled), of: attempt, in: context)
        case .sawExpired: return try payment.observe(PaymentExamples.report(.expired), of: attempt, in: context)
        case .sawLapsed: return try payment.observe(PaymentExamples.report(.lapsed), of: attempt, in: context)
        case .cancel: return try payment.cancel(because: .staff)
        case .expire: return payment.expire(at: payment.terms.expiresAt)
        case .link: return try payment.askForLink(at: PaymentExamples.now)
        case .erase: return payment.eraseClient()
        case .refund: return try payment.requestRefund(RefundID(3), of: nil, at: PaymentExamples.now)
        }
    }
}

extension Payment {
    /// Whether nobody waits for anything of its provider.
    var hasNothingOpen: Bool { pendingCalls.allSatisfy(\.isFollowing) }
}
