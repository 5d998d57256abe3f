import PaymentModel
import PaymentOrchestratorDomain
import Testing

/// The provider of the model, as Alma and Stripe: it holds one object, decides once, and its decision is final.
///
/// `OurWordInterleavingTests` has the other kind.
private struct ProviderSide: Hashable, ModelledProvider {
    enum Object: Hashable { case none, payable, paid, refused, cancelled }
    var object = Object.none
    /// What the provider thinks is being paid.
    var amount = PaymentExamples.amount
    var refunded = Set<RefundID>()

    func report() -> ProviderReport? {
        let status: ProviderReport.Status
        switch object {
        case .none: return nil
        case .payable: status = .pending
        case .paid: status = .paid
        case .refused: status = .refused("no")
        case .cancelled: status = .cancelled
        }
        var report = report(status)
        report.amount = amount
        return report
    }

    mutating func open() { object = .payable }

    mutating func callOff() {
        if object == .payable { object = .cancelled }
    }
}

/// Everyone who acts on a payment, each with how far it came; every step is atomic, anything may come between two.
private struct World: Hashable, PayingWorld {
    enum Reader: Hashable { case idle, read(ProviderReport), done }

    var payment = Payment.request(PaymentExamples.terms, at: PaymentExamples.now).payment
    var provider = ProviderSide()
    var acceptances = 0
    var refundsTold = 0
    var starter = 0
    var clientDecides = false
    /// Webhook, second webhook, browser return, poll and a person's click: each reads, then records what it read.
    var readers = [Reader](repeating: .idle, count: 5)
    var canceller = 0
    var cancelReport: ProviderReport?
    var refunder = 0
    /// What a manager decides where the amounts differ.
    var decision: Resolution?
    var manager = 0
    var managerReport: ProviderReport?
    /// Whether the client asks to be erased.
    var erases = false
}

extension World {
    /// Every world one step away, for a provider that will decide `decision`.
    func next(_ decision: ProviderSide.Object) throws -> [World] {
        var worlds: [World] = []
        func add(_ step: (inout World) throws -> Void) rethrows {
            var world = self
            try step(&world)
            world.readers.sort { $0.order < $1.order }
            worlds.append(world)
        }
        if starter < 3 { try add { try $0.stepStarter() } }
        if provider.object == .payable, !clientDecides {
            add {
                $0.clientDecides = true
                $0.provider.object = decision
            }
        }
        for index in readers.indices { try stepReader(index, add) }
        if canceller < 4 { try add { try $0.stepCanceller() } }
        if refunder < 3 { try add { try $0.stepRefunder() } }
        if erases, !payment.isClientErased { add { $0.note($0.payment.eraseClient()) } }
        if let resolution = self.decision, manager < 4 { try add { try $0.stepManager(resolution) } }
        return worlds
    }

    private func stepReader(_ index: Int, _ add: ((inout World) throws -> Void) throws -> Void) throws {
        switch readers[index] {
        case .idle:
            guard let report = provider.report() else { return }
            try add { $0.readers[index] = .read(report) }
        case .read(let report):
            try add {
                try $0.observe(report)
                $0.readers[index] = .done
            }
        case .done: return
        }
    }

    /// Calls off what is to be released, has it cancelled, looks, and decides; may come too early or too late.
    private mutating func stepManager(_ resolution: Resolution) throws {
        manager += 1
        switch manager {
        case 1: if resolution == .release, payment.state.isLive { note(try payment.cancel(because: .staff)) }
        case 2: if resolution == .release { provider.callOff() }
        case 3: managerReport = provider.report()
        default: _ = try resolve(resolution, managerReport)
        }
    }

    /// Whether the decision ended the contradiction.
    mutating func resolve(_ resolution: Resolution, _ report: ProviderReport?) throws -> Bool {
        guard let alarm = payment.alarms.first else { return false }
        do throws(ResolutionRejection) {
            note(
                try payment.resolve(
                    alarm, by: resolution, because: "why", report, in: PaymentExamples.context()))
            return true
        } catch {
            return false
        }
    }

    mutating func observe(_ report: ProviderReport) throws {
        note(try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context()))
    }

    /// Everybody died where they stood: the sweeper asks until nothing is left to ask.
    mutating func sweep() throws {
        for _ in 0..<5 {
            for call in payment.pendingCalls { try answer(call) }
        }
    }

    private mutating func answer(_ call: PendingCall) throws {
        switch call {
        case .findAttempt(let attempt):
            guard let report = provider.report() else {
                note(try payment.recordStart(of: attempt, .neverReached))
                return
            }
            try observe(report)
        case .read, .follow: if let report = provider.report() { try observe(report) }
        case .cancel:
            provider.callOff()
            if let report = provider.report() { try observe(report) }
        case .settleRefund(let refund, _): try settleRefund(refund)
        }
    }
}

extension World.Reader {
    /// The four readers do the same, so worlds that differ only in who is who are one.
    fileprivate var order: String {
        switch self {
        case .idle: "0"
        case .read(let report): "1\(report.status)\(report.refunds.count)"
        case .done: "2"
        }
    }
}

@Suite struct `Every interleaving of webhook, second webhook, return, poll, operator, cancel and refund` {
    @Test(arguments: [ProviderSide.Object.paid, .refused, .payable])
    private func `ends in the provider's outcome, wherever everybody dies, C-02, C-04`(
        _ decision: ProviderSide.Object
    ) throws {
        var seen: Set<World> = [World()]
        var frontier = [World()]
        while let world = frontier.popLast() {
            try check(world)
            for next in try world.next(decision) where seen.insert(next).inserted { frontier.append(next) }
        }
        #expect(seen.count > 500)
    }

    @Test(arguments: [ProviderSide.Object.paid, .refused, .payable])
    private func `ends in the provider's outcome also where the client is erased meanwhile, GEN-7`(
        _ decision: ProviderSide.Object
    ) throws {
        let start = World(readers: [.idle, .idle], erases: true)
        var seen: Set<World> = [start]
        var frontier = [start]
        while let world = frontier.popLast() {
            try check(world)
            for next in try world.next(decision) where seen.insert(next).inserted { frontier.append(next) }
        }
        #expect(seen.contains { $0.payment.isClientErased && $0.payment.state == .accepted } == (decision == .paid))
        #expect(seen.contains { $0.payment.isClientErased && $0.payment.state == .cancelled })
    }

    @Test(arguments: [ProviderSide.Object.paid, .refused, .payable], [Resolution.keep, .release])
    private func `with another amount ends as a manager decides and the provider allows, PAY-12`(
        _ decision: ProviderSide.Object, _ resolution: Resolution
    ) throws {
        var start = World(readers: [.idle, .idle], decision: resolution)
        start.provider.amount = .euros(cents: 19_000)
        var seen: Set<World> = [start]
        var frontier = [start]
        while let world = frontier.popLast() {
            try checkDiffering(world)
            for next in try world.next(decision) where seen.insert(next).inserted { frontier.append(next) }
        }
        #expect(seen.count > 100)
    }

    /// Wherever everybody dies, a manager who looks once more can end it, and nothing is lost or counted twice.
    private func checkDiffering(_ reached: World) throws {
        var world = reached
        try world.sweep()
        if !world.payment.alarms.isEmpty {
            if world.provider.object == .payable { world.provider.object = .cancelled }
            if world.provider.object != .paid, world.payment.state.isLive {
                _ = try world.payment.cancel(because: .staff)
            }
            let fits = world.provider.object == .paid ? Resolution.keep : .release
            let isEnded = try world.resolve(fits, world.provider.report())
            #expect(isEnded, "from \(reached) a manager came to \(world)")
        }
        let paid = world.provider.object == .paid
        let held =
            world.payment.acceptance?.amount == world.provider.amount
            && world.payment.acceptance?.disposition == .heldForClient
        let holds =
            world.payment.alarms.isEmpty && world.acceptances == (paid ? 1 : 0)
            && (paid ? held : world.payment.acceptance == nil) && !world.payment.refundable.isNegative
        #expect(holds, "from \(reached) a manager came to \(world)")
    }

    private func check(_ reached: World) throws {
        var world = reached
        try world.sweep()
        let expected: Set<PaymentState>
        switch world.provider.object {
        case .none: expected = [.requested, .cancelled]
        case .payable: expected = [.open]
        case .paid: expected = [.accepted]
        case .refused: expected = [.refused]
        case .cancelled: expected = [.cancelled]
        }
        let told = world.provider.object == .paid ? 1 : 0
        // One comparison for all, since there are very many worlds.
        let holds =
            expected.contains(world.payment.state) && world.acceptances == told
            && world.refundsTold == world.provider.refunded.count && world.payment.alarms.isEmpty
            && !world.payment.refundable.isNegative
            && !(world.payment.isClientErased && world.payment.state == .requested)
        #expect(holds, "from \(reached) the sweeper came to \(world)")
    }
}
