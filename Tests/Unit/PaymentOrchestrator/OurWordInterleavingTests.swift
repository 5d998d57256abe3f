import PaymentModel
import PaymentOrchestratorDomain
import Testing

/// A provider that takes money by our word alone, as PayPal: the client agrees, a reader captures, a mark calls it off.
private struct WaitingProvider: Hashable, ModelledProvider {
    enum Order: Hashable { case none, payable, agreed, captured, declined }
    var order = Order.none
    var isCalledOff = false
    var refunded = Set<RefundID>()

    func report() -> ProviderReport? {
        let status: ProviderReport.Status
        switch order {
        case .none: return nil
        case .payable, .agreed: status = isCalledOff ? .cancelled : .pending
        case .captured: status = .paid
        case .declined: status = .refused("declined")
        }
        return report(status)
    }

    mutating func open() { order = .payable }

    mutating func callOff() {
        if order == .payable || order == .agreed { isCalledOff = true }
    }
}

/// Everyone who acts on a payment at such a provider; every step is atomic, anything may come between two.
private struct WaitingWorld: Hashable, PayingWorld {
    /// Webhook, return, poll and a person's click: the file is read, then the order, then the money is taken, then the
    /// order is read once more, then it is recorded.
    enum Reader: Hashable { case idle, file(isOpen: Bool), willCapture, willRead, read(ProviderReport), done }

    var payment = Payment.request(PaymentExamples.terms, at: PaymentExamples.now).payment
    var provider = WaitingProvider()
    var acceptances = 0
    var refundsTold = 0
    var starter = 0
    var clientDecides = false
    var readers = [Reader](repeating: .idle, count: 3)
    var canceller = 0
    var cancelReport: ProviderReport?
    var refunder = 0

    static let lease = Duration.seconds(60)

    static func context(after wait: Duration = .zero) -> ObservationContext {
        ObservationContext(
            now: PaymentExamples.now.adding(wait), localDate: { _ in PaymentExamples.today }, payoutOffsetDays: 7,
            fallbackFee: PaymentExamples.fee, receivableSettled: false, lateCapture: lease, orderLease: lease,
            nameRefund: { PaymentExamples.elsewhere })
    }
}

extension WaitingWorld {
    /// Every world one step away; a capture is declined where the client's instrument does.
    func next(captureTakes: Bool) throws -> [WaitingWorld] {
        var worlds: [WaitingWorld] = []
        func add(_ step: (inout WaitingWorld) throws -> Void) rethrows {
            var world = self
            try step(&world)
            world.readers.sort { $0.order < $1.order }
            worlds.append(world)
        }
        if starter < 3 { try add { try $0.stepStarter() } }
        if provider.order == .payable, !clientDecides {
            add {
                $0.clientDecides = true
                $0.provider.order = .agreed
            }
        }
        for index in readers.indices where readers[index] != .done {
            try add { try $0.stepReader(index, captureTakes: captureTakes) }
        }
        if canceller < 4 { try add { try $0.stepCanceller() } }
        if refunder < 3 { try add { try $0.stepRefunder() } }
        return worlds
    }

    private mutating func stepReader(_ index: Int, captureTakes: Bool) throws {
        switch readers[index] {
        case .idle:
            guard payment.liveAttempt?.reference != nil || payment.acceptance != nil else { return }
            readers[index] = .file(isOpen: payment.state == .open)
        case .file(let isOpen):
            let isTaken = isOpen && provider.order == .agreed && !provider.isCalledOff
            readers[index] = isTaken ? .willCapture : .willRead
        case .willCapture:
            capture(takes: captureTakes)
            readers[index] = .willRead
        case .willRead: readers[index] = provider.report().map(Reader.read) ?? .done
        case .read(let report):
            try observe(report)
            readers[index] = .done
        case .done: break
        }
    }

    /// PayPal takes it whatever our mark says; once.
    mutating func capture(takes: Bool) {
        guard provider.order == .agreed else { return }
        provider.order = takes ? .captured : .declined
    }

    mutating func observe(_ report: ProviderReport) throws { try observe(report, after: .zero) }

    private mutating func observe(_ report: ProviderReport, after wait: Duration) throws {
        note(try payment.observe(report, of: PaymentExamples.attempt, in: Self.context(after: wait)))
    }

    /// Everybody died where they stood, and every call of theirs has arrived or never will: the sweeper asks until
    /// nothing is left to ask.
    mutating func sweep(captureTakes: Bool) throws {
        for round in 1...5 {
            let wait = Self.lease * round
            for call in payment.pendingCalls { try answer(call, after: wait, captureTakes) }
        }
    }

    private mutating func answer(_ call: PendingCall, after wait: Duration, _ captureTakes: Bool) throws {
        switch call {
        // An order whose name nobody knows is never captured.
        case .findAttempt(let attempt): note(try payment.recordStart(of: attempt, .neverReached))
        case .read, .follow:
            if payment.state == .open, !provider.isCalledOff { capture(takes: captureTakes) }
            if let report = provider.report() { try observe(report, after: wait) }
        case .cancel:
            provider.callOff()
            if let report = provider.report() { try observe(report, after: wait) }
        case .settleRefund(let refund, _): try settleRefund(refund)
        }
    }
}

extension WaitingWorld.Reader {
    /// The readers do the same, so worlds that differ only in who is who are one.
    fileprivate var order: String {
        switch self {
        case .idle: "0"
        case .file(let isOpen): "1\(isOpen)"
        case .willCapture: "2"
        case .willRead: "3"
        case .read(let report): "4\(report.status)\(report.refunds.count)"
        case .done: "5"
        }
    }
}

@Suite struct `PAY-7, PAY-12: every interleaving at a provider that waits for our word` {
    @Test(arguments: [true, false])
    func `ends in the provider's outcome, wherever everybody dies, C-02, C-04`(captureTakes: Bool) throws {
        var seen: Set<WaitingWorld> = [WaitingWorld()]
        var frontier = [WaitingWorld()]
        while let world = frontier.popLast() {
            try check(world, captureTakes)
            for next in try world.next(captureTakes: captureTakes) where seen.insert(next).inserted {
                frontier.append(next)
            }
        }
        #expect(seen.count > 500)
    }

    private func check(_ reached: WaitingWorld, _ captureTakes: Bool) throws {
        var world = reached
        try world.sweep(captureTakes: captureTakes)
        let expected: Set<PaymentState>
        switch world.provider.order {
        case .none: expected = [.requested, .cancelled]
        // One whose name was lost with its answer cannot be paid by anybody.
        case .payable, .agreed: expected = world.provider.isCalledOff ? [.cancelled] : [.open, .requested, .cancelled]
        case .captured: expected = [.accepted]
        // What was declined after the cancellation was told changes nothing.
        case .declined: expected = world.provider.isCalledOff ? [.refused, .cancelled] : [.refused]
        }
        let told = world.provider.order == .captured ? 1 : 0
        let isOver = !world.payment.pendingCalls.contains { call in
            if case .read = call { world.payment.state != .open } else { false }
        }
        // One comparison for all, since there are very many worlds.
        let holds =
            expected.contains(world.payment.state) && world.acceptances == told && isOver
            && world.refundsTold == world.provider.refunded.count && world.payment.alarms.isEmpty
            && !world.payment.refundable.isNegative
        #expect(holds, "from \(reached) the sweeper came to \(world)")
    }
}
