/// Everything the simulated world remembers; plain values, changed only inside `World`.
struct WorldState: Sendable {
    var clock = SandboxClock()
    var random: Randomness
    var alma: AlmaState
    var stripe = StripeState()
    var paypal = PayPalState()
    var signer: PayPalSigner?
    var sms = SMSState()
    var gateways = GatewayState()
    var bank = BankState()
    var faults = FaultBook()
    var webhooks: WebhookBook
    var sink = Sink()
    /// What links begin with; known once the port is.
    var publicURL: String

    init(publicURL: String, seed: UInt64, pace: WebhookPace) {
        self.publicURL = publicURL
        random = Randomness(seed: seed)
        alma = AlmaState()
        webhooks = WebhookBook(pace: pace)
    }

    /// Lets time have its effect: links expire and instalments are charged when someone looks, not by a timer.
    mutating func catchUpWithTime() {
        alma.advance(to: clock.now)
        for session in stripe.expire(at: clock.now) { tellExpired(session) }
    }
}

/// The one owner of the state: every request is one synchronous step, so races are decided here as the provider would.
actor World {
    private var state: WorldState
    private let departures: AsyncStream<Delivery>.Continuation

    init(_ state: WorldState, departures: AsyncStream<Delivery>.Continuation) {
        self.state = state
        self.departures = departures
    }

    func perform<R: Sendable>(_ body: @Sendable (inout WorldState) throws -> R) rethrows -> R {
        state.catchUpWithTime()
        defer { dispatch() }
        return try body(&state)
    }

    private func dispatch() {
        for delivery in state.webhooks.takeDue() { departures.yield(delivery) }
    }
}
