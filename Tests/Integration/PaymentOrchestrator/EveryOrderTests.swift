import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import TestSupport
import Testing

/// C-02, C-04, PAY-7, PAY-8, PAY-12: whoever comes first, the provider's word is the end, told once.
///
/// The model of `EveryInterleavingTests` goes through every order; here the real adapters and tables go through some
/// hundred of them, picked by a printed seed.
@Suite struct `Webhook, second webhook, return, poll, cancel, refund and operator in any order` {
    enum Step: String, CaseIterable, Sendable {
        case pay, webhook, second, comeBack, poll, cancel, refund, operate

        /// Whether it has the provider read back.
        var isLook: Bool { [.webhook, .second, .comeBack, .poll].contains(self) }
    }

    static let seed: UInt64 = 20_261_126
    static let ordersOfEach = 40

    @Test(arguments: [Provider.alma, .stripe, .paypal])
    func `end in the provider's outcome, once`(_ provider: Provider) async throws {
        let bench = try await PaymentBench.start()
        let desk = try await Desk.open(provider, bench)
        var generator = SeededGenerator(seed: Self.seed)
        for _ in 0..<Self.ordersOfEach {
            let order = Step.allCases.shuffled(using: &generator)
            let decision = ["accept", "decline"].randomElement(using: &generator) ?? "accept"
            let told = "seed \(Self.seed), \(provider): \(order.map(\.rawValue)), \(decision)"
            let payment = try await desk.request()
            let reference = try #require(try await desk.open(payment.token), "\(told)")
            for step in order { try await desk.take(step, payment, reference, decision) }
            for _ in 0..<3 { try await desk.sweep(after: 31) }
            try await check(payment.id, desk, End(of: order, decision, at: provider), told)
        }
    }

    /// What an order must come to, worked out from the providers' rules alone.
    private struct End {
        var state = "cancelled"
        var refunded = 0

        init(of order: [Step], _ decision: String, at provider: Provider) {
            let place = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
            guard let pay = place[.pay], let cancel = place[.cancel], let refund = place[.refund], pay < cancel else {
                return
            }
            guard decision == "accept" else {
                // Alma's no is the last word; elsewhere the client may try another card until it is called off.
                if provider == .alma { state = "refused" }
                return
            }
            let look = order.indices.first { $0 > pay && order[$0].isLook } ?? order.count
            // PayPal takes money by our word, which only a look before the cancellation gives.
            guard provider != .paypal || look < cancel else { return }
            state = "accepted"
            // A cancellation that comes too late reads it back as well.
            if refund > min(look, cancel) { refunded = 5_000 }
        }
    }

    private func check(_ id: PaymentID, _ desk: Desk, _ end: End, _ told: String) async throws {
        let view = try await desk.bench.view(id)
        let held = try await desk.held(id)
        let events = try await desk.bench.events(id)
        #expect(view["state"]?.text == end.state, "\(told)")
        #expect(held.count == 1, "\(told)")
        #expect(held.count(where: desk.isPaid) == (end.state == "accepted" ? 1 : 0), "\(told)")
        let ends = ["payment-accepted", "payment-refused", "payment-cancelled", "payment-expired"]
        #expect(events.filter { ends.contains($0) } == ["payment-\(end.state)"], "\(told): \(events)")
        let given = held.reduce(0) { $0 + ($1[desk.refunded].int ?? 0) }
        #expect(given == end.refunded, "\(told): \(given) went back, \(events)")
        let refunds = events.filter { $0.hasPrefix("refund-") }
        #expect(refunds == (given == 0 ? [] : ["refund-requested", "refund-completed"]), "\(told): \(events)")
        #expect(view["alarms"]?.elements?.isEmpty == true, "\(told): \(view)")
    }
}

/// One clinic's desk at one provider, with what can happen to a payment there.
private struct Desk: Sendable {
    typealias Step = `Webhook, second webhook, return, poll, cancel, refund and operator in any order`.Step

    let bench: PaymentBench
    let provider: Provider
    /// `nil` for Alma, whose account the bench has.
    let story: ProviderStory?
    let account: String

    static func open(_ provider: Provider, _ bench: PaymentBench) async throws -> Desk {
        guard let story = ProviderStory.all.first(where: { $0.provider == provider }) else {
            return Desk(bench: bench, provider: provider, story: nil, account: "")
        }
        let notifications = #""webhookURL":"\#(bench.sandbox.url)/sink/notifications""#
        try await bench.sandbox.control(
            .post, "/\(provider.rawValue)/accounts", "{\(story.sandboxAccount),\(notifications)}")
        let answer = try await story.connect(bench, story.credentials)
        guard answer.status == 200, let id = answer.json["id"]?.text else { throw BenchFailure(text: answer.text) }
        return Desk(bench: bench, provider: provider, story: story, account: id)
    }

    func request() async throws -> (id: PaymentID, token: String) {
        if let story { try await story.request(bench) } else { try await bench.request() }
    }

    func open(_ token: String) async throws -> String? {
        if let story { try await story.open(token, bench) } else { try await bench.open(token) }
    }

    func held(_ id: PaymentID) async throws -> [SandboxJSON] {
        if let story { try await story.held(id, bench) } else { try await bench.provided(id) }
    }

    func isPaid(_ object: SandboxJSON) -> Bool {
        object["captured"] == true || object["payment_status"] == "paid" || object["processing_status"] == "captured"
    }

    var refunded: String { provider == .alma ? "amount_already_refunded" : "refunded" }

    /// One step; whether it is let through is the payment's affair.
    func take(
        _ step: Step, _ payment: (id: PaymentID, token: String), _ reference: String, _ decision: String
    ) async throws {
        switch step {
        case .pay:
            // Refused where it was called off before.
            let act = try? await bench.sandbox.control(
                .post, "/\(provider.rawValue)/payments/\(reference)/act", "{\"action\":\"\(decision)\"}")
            guard act != nil, story != nil, decision == "accept" else { return }
            // What the provider tells of it is on its way: the webhook of an order is one that has arrived.
            try await waitUntil("\(provider) tells of \(reference)") { try await !told(of: reference).isEmpty }
        case .webhook, .second: try await notify(reference)
        case .comeBack: _ = try await bench.http.call(.get, "/p/\(payment.token)/return")
        case .poll: try await sweep(after: 4)
        case .cancel: _ = try await bench.call(.post, "/v1/payments/\(payment.id)/cancel")
        case .refund:
            let part = #"{"amount":{"minorUnits":5000,"currency":"EUR"}}"#
            _ = try await bench.call(.post, "/v1/payments/\(payment.id)/refunds", part, key: "refund-\(payment.id)")
        case .operate:
            // A person who looks for what contradicts finds nothing, and moves nothing.
            let decided =
                #"{"alarm":"amount-differs","providerReference":"\#(reference)","resolution":"keep","reason":"x"}"#
            _ = try await bench.call(
                .post, "/v1/payments/\(payment.id)/resolutions", decided, key: "operate-\(payment.id)")
        }
    }

    /// Time goes by for us and for the provider, and the job looks.
    func sweep(after seconds: Int) async throws {
        try await bench.sandbox.control(.post, "/clock", "{\"advanceSeconds\":\(seconds)}")
        try await bench.sweep(after: .seconds(seconds))
    }

    private func notify(_ reference: String) async throws {
        guard let story else {
            _ = try await bench.notify(reference)
            return
        }
        // All of it, whatever was delivered before.
        for notification in try await told(of: reference) {
            guard case .object(let members) = notification["headers"] else { continue }
            let request = IncomingRequest(
                method: "POST", target: "/webhooks/\(provider.rawValue)/\(account)",
                headers: Headers(members.map { ($0.key, $0.value.string) }),
                bytes: Array(notification["body"].string.utf8))
            let status = try await bench.http.call(request).status
            guard story.provider == provider, status == 204 else { throw BenchFailure(text: "answered \(status)") }
        }
    }

    /// What the provider sent so far about this payment.
    private func told(of reference: String) async throws -> [SandboxJSON] {
        try await bench.sandbox.control(.get, "/sink/notifications").list.filter {
            $0["body"].string.contains(reference)
        }
    }
}
