import PaymentModel
import PaymentOrchestratorDomain

/// What a model of a provider can be told, whichever way it takes money.
protocol ModelledProvider {
    /// What it gave back.
    var refunded: Set<RefundID> { get set }

    /// It has an object from here on.
    mutating func open()
    /// It lets nobody pay any more, unless it has decided.
    mutating func callOff()
    func report() -> ProviderReport?
}

extension ModelledProvider {
    /// Its word on the object, with what it gave back.
    func report(_ status: ProviderReport.Status) -> ProviderReport {
        var report = PaymentExamples.report(status)
        report.refunds = refunded.sorted().map {
            ReportedRefund(id: $0, reference: "refund_\($0)", amount: .euros(cents: 5_000))
        }
        return report
    }
}

/// A payment and who acts on it at any provider; every step is atomic, anything may come between two.
protocol PayingWorld {
    associatedtype Side: ModelledProvider

    var payment: Payment { get set }
    var provider: Side { get set }
    /// How often it was told that the payment is accepted.
    var acceptances: Int { get set }
    var refundsTold: Int { get set }
    /// How far each came.
    var starter: Int { get set }
    var canceller: Int { get set }
    var refunder: Int { get set }
    var cancelReport: ProviderReport? { get set }

    mutating func observe(_ report: ProviderReport) throws
}

extension PayingWorld {
    mutating func stepStarter() throws {
        starter += 1
        switch starter {
        case 1:
            guard (try? payment.start(PaymentExamples.attempt, at: PaymentExamples.now)) != nil else {
                starter = 3
                return
            }
        case 2: provider.open()
        default:
            note(
                try payment.recordStart(
                    of: PaymentExamples.attempt,
                    .opened(reference: PaymentExamples.reference, payURL: PaymentExamples.payURL)))
        }
    }

    mutating func stepCanceller() throws {
        canceller += 1
        switch canceller {
        case 1:
            guard (try? payment.cancel(because: .staff)) != nil, payment.state == .cancelling else {
                canceller = 4
                return
            }
        case 2: provider.callOff()
        case 3: cancelReport = provider.report()
        default: if let cancelReport { try observe(cancelReport) }
        }
    }

    mutating func stepRefunder() throws {
        refunder += 1
        switch refunder {
        case 1:
            let asked = try? payment.requestRefund(RefundID(5), of: .euros(cents: 5_000), at: PaymentExamples.now)
            if asked == nil { refunder = 3 }
        case 2: provider.refunded.insert(RefundID(5))
        default: try recordRefund(RefundID(5))
        }
    }

    /// What the sweeper does about a refund nobody heard the end of: it is ordered again, which gives it once.
    mutating func settleRefund(_ refund: RefundID) throws {
        provider.refunded.insert(refund)
        try recordRefund(refund)
    }

    private mutating func recordRefund(_ refund: RefundID) throws {
        note(try payment.recordRefund(refund, .completed(reference: "refund_\(refund)", schedule: [])))
    }

    mutating func note(_ facts: [PaymentFact]) {
        for fact in facts {
            if case .accepted = fact { acceptances += 1 }
            if case .refundCompleted = fact { refundsTold += 1 }
        }
    }
}
