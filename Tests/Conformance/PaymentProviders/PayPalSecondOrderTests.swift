import HTTPClient
import Logging
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import Synchronization
import TestSupport
import Testing

/// PayPal over the network, with a clock of its own and every address remembered.
private final class Watched: Sendable {
    private let clock: Mutex<Instant>
    private let asked = Mutex<[String]>([])

    init(at instant: Instant) { clock = Mutex(instant) }

    /// The first search of the list of transactions.
    var search: String? { asked.withLock { $0.first { $0.contains("/reporting/transactions") } } }

    func stand(at instant: Instant) { clock.withLock { $0 = instant } }

    func provider(_ bench: ProviderBench) -> PayPalProvider {
        var settings = PayPalSettings.tests(bench.sandbox.paypalURL)
        settings.reportPageSize = 500
        settings.time = TimeSource { self.clock.withLock { $0 } }
        let network = ProviderTransport.over(HTTPClient(logger: Logger(label: "conformance")))
        let transport = ProviderTransport { request, call throws(HTTPClientError) in
            self.asked.withLock { $0.append(request.url) }
            return try await network.send(request, call)
        }
        return PayPalProvider(settings, transport: transport)
    }
}

/// PAY-12: PayPal begins no order of an invoice that was paid.
@Suite struct `A payment whose invoice PayPal calls paid` {
    @Test func `is read by what took its money, and nobody is refused`() async throws {
        let bench = try await ProviderBench.start(.paypal)
        let paid = try await bench.paid()
        try await bench.sandbox.control(
            .post, "/paypal/accounts",
            #"{"clientID":"client_clinic","secret":"secret_clinic","refusesPaidInvoices":true}"#)
        let order = try bench.order(AttemptID(6))
        let outcome = try await bench.provider.start(order, bench.account)
        guard case .opened(let reference, order.addresses.accepted) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        guard case .refused = try await bench.provider.cancel(reference, bench.account) else {
            Issue.record("called off what was paid")
            return
        }
        for report in [try await bench.read(reference), try await bench.collected(reference)] {
            #expect(report?.status == .paid && report?.reference == paid)
            #expect(report?.attempt == ProviderExamples.attempt)
        }
    }
}

/// PAY-12: PayPal takes no second order of a payment, and lists hours later which one it took.
@Suite struct `A payment whose second order PayPal refuses` {
    @Test func `is searched for from its own beginning on, and again after ten minutes while it is not listed`()
        async throws
    {
        let bench = try await ProviderBench.start(.paypal)
        let watched = Watched(at: bench.startedAt)
        let provider = watched.provider(bench)
        let first = try await bench.paid()
        let second = try await bench.open(AttemptID(6))
        try await bench.act(.accept, second)
        try await bench.fault("paypal.transactions", "alter", #""members":{"transaction_details":[]},"times":0"#)
        let began = bench.startedAt.adding(.seconds(-300))
        for minutes in 0..<10 {
            watched.stand(at: bench.startedAt.adding(.seconds(minutes * 60)))
            let unknown = await #expect(throws: OutcomeUnknown.self) {
                _ = try await provider.collect(second, since: began, bench.account)
            }
            #expect(unknown?.detail.contains("since \(began.adding(.seconds(-60)))") == true, "how far it was searched")
        }
        #expect(try await bench.calls("paypal.transactions") == 1, "what is not listed yet is believed")
        let searched = try #require(watched.search)
        let start = "\(began.adding(.seconds(-60)))".prefix(19)
        #expect(searched.contains("start_date=\(start)Z"), "\(searched)")
        try await bench.sandbox.control(.delete, "/faults")
        watched.stand(at: bench.startedAt.adding(.seconds(600)))
        // What the list says of it is believed too, as while the capture itself is not answered.
        try await bench.fault("paypal.get-capture", "status", #""status":503"#)
        await #expect(throws: OutcomeUnknown.self) {
            _ = try await provider.collect(second, since: began, bench.account)
        }
        let report = try #require(try await provider.collect(second, since: began, bench.account))
        #expect(report.status == .paid && report.reference == first && report.attempt == ProviderExamples.attempt)
        #expect(try await bench.calls("paypal.transactions") == 2)
    }

    @Test func `is searched for a link's life back where nobody says when it began, however short one search is`()
        async throws
    {
        let now = ProviderExamples.startedAt
        var settings = PayPalSettings.tests("https://paypal.example")
        (settings.time, settings.searchSpan) = (.fixed(now), .seconds(20 * 86_400))
        let nothing = ScriptedAlma.json(#"{"total_pages":1,"transaction_details":[]}"#)
        let script = ScriptedAlma(
            ScriptedAlma.json(#"{"access_token":"token","expires_in":32400}"#), nothing, nothing)
        let provider = PayPalProvider(settings, transport: script.transport)
        let account = AccountAccess(
            id: ProviderAccountID(1), credentials: ProviderCredentials(key: Secret("secret"), client: "client"))
        let since = now.adding(.seconds(-30 * 86_400 - 60))
        let unknown = await #expect(throws: OutcomeUnknown.self) {
            _ = try await provider.report(on: "invoice-\(PaymentID(7))", account)
        }
        #expect(unknown?.detail.contains("since \(since)") == true, "\(unknown?.detail ?? "")")
        let searched = script.requests.map(\.url).filter { $0.contains("/reporting/transactions") }
        #expect(searched.count == 2)
        #expect(searched.first?.contains("start_date=\("\(since)".prefix(19))Z") == true, "\(searched)")
    }
}
