import HTTPClient
import Logging
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import Synchronization
import TestSupport
import Testing

/// Remembers how long somebody waited, and takes no time.
private final class Waits: Sendable {
    private let waited = Mutex<[Duration]>([])

    var all: [Duration] { waited.withLock { $0 } }

    var settings: AlmaSettings {
        var settings = AlmaSettings.tests
        settings.pause = { pause in self.waited.withLock { $0.append(pause) } }
        return settings
    }
}

@Suite struct `REC-3: Alma's report of a payout` {
    private let account = ProviderExamples.account
    private let begun = ScriptedAlma.json(#"{"id":"export_x","type":"accounting_for_payout","complete":false}"#)
    private let written = ScriptedAlma.json(
        #"{"id":"export_x","complete":true,"url_csv":"https://elsewhere.example/x"}"#)
    private let none = ScriptedAlma.json(#"{"data":[]}"#)
    private let file = ScriptedAlma.json("payout_id\r\npayout_x\r\n")

    private func ask(_ alma: ScriptedAlma, _ waits: Waits = Waits()) async throws -> PayoutReport {
        try await AlmaProvider(waits.settings, transport: alma.transport).report(ofPayout: "payout_x", account)
    }

    @Test func `is asked for, waited for with growing pauses, and read with the key`() async throws {
        let waits = Waits()
        let alma = ScriptedAlma([none, begun] + Array(repeating: begun, count: 6) + [written, file])
        #expect(try await ask(alma, waits) == .written(Array("payout_id\r\npayout_x\r\n".utf8)))
        #expect(waits.all == [1, 2, 4, 8, 10, 10].map { Duration.seconds($0) })
        let order = alma.requests[1]
        #expect(order.method == .post && order.url.hasSuffix("/v1/data-exports"))
        let wish = String(decoding: order.body ?? [], as: UTF8.self)
        #expect(wish == #"{"payout":"payout_x","type":"accounting_for_payout"}"#)
        let last = try #require(alma.requests.last)
        #expect(last.url == "https://api.sandbox.getalma.eu/v1/data-exports/export_x?format=csv")
        #expect(last.headers.contains { $0 == ("Authorization", "Alma-Auth sk_test_scripted_clinic") })
        #expect(last.responseBytesMax == AlmaSettings().exportBytesMax)
        #expect(alma.requests.dropLast().allSatisfy { $0.responseBytesMax == AlmaSettings().responseBytesMax })
    }

    @Test func `is waited for within bounds`() async throws {
        let waits = Waits()
        let alma = ScriptedAlma([none] + Array(repeating: begun, count: 40))
        #expect(try await ask(alma, waits) == .beingWritten)
        #expect(waits.all.count == AlmaSettings().exportLooksMax - 1)
        #expect(waits.all.allSatisfy { $0 <= AlmaSettings().exportLongestPause })
        #expect(alma.requests.count == 2 + AlmaSettings().exportLooksMax)
    }

    @Test func `that was begun before is gone on with, another payout's is not`() async throws {
        let list = { (payout: String) in
            ScriptedAlma.json(
                #"{"data":[{"id":"export_x","type":"accounting_for_payout","payout":"\#(payout)","complete":true}]}"#)
        }
        let known = ScriptedAlma(list("payout_x"), written, file)
        guard case .written = try await ask(known) else {
            Issue.record("not read")
            return
        }
        #expect(known.requests.allSatisfy { $0.method == .get }, "nothing is asked for twice")
        let other = ScriptedAlma(list("payout_y"), begun, written, file)
        _ = try await ask(other)
        #expect(other.requests.filter { $0.method == .post }.count == 1)
        let unlike = ScriptedAlma(ScriptedAlma.json("[]"), begun, written, file)
        _ = try await ask(unlike)
        #expect(unlike.requests.count == 4, "a list of another form is no list to search in")
    }

    @Test func `that was begun in another form keeps nobody from asking for one of this`() async throws {
        let list = ScriptedAlma.json(
            #"{"data":[{"id":"export_pdf","type":"accounting_for_payout","payout":"payout_x","complete":true}]}"#)
        let asPDF = ScriptedAlma.json(#"{"id":"export_pdf","complete":true,"url_csv":null}"#)
        let alma = ScriptedAlma(list, asPDF, begun, written, file)
        guard case .written = try await ask(alma) else {
            Issue.record("not read")
            return
        }
        #expect(alma.requests.map(\.method) == [.get, .get, .post, .get, .get])
    }

    @Test func `is refused where Alma has none, or none of this form`() async throws {
        let unknown = ScriptedAlma.json(
            #"{"error_code":"validation_error","errors":[{"field":"payout","error_code":"invalid_value"}]}"#,
            status: 400)
        guard case .refused = try await ask(ScriptedAlma(none, unknown)) else {
            Issue.record("not refused")
            return
        }
        let asPDF = ScriptedAlma.json(#"{"id":"export_x","complete":true,"url_csv":null}"#)
        #expect(try await ask(ScriptedAlma(none, begun, asPDF)) == .refused("Alma writes no CSV of it"))
        let crooked = ScriptedAlma()
        let answer = try await crooked.provider.report(ofPayout: "../me", account)
        #expect(answer == .refused("Alma has no such payout") && crooked.requests.isEmpty)
    }

    @Test(arguments: [
        ScriptedAlma.status(500), ScriptedAlma.status(404), ScriptedAlma.json("<html>"),
        ScriptedAlma.json(#"{"id":"export_y","complete":true,"url_csv":"x"}"#),
        ScriptedAlma.json(#"{"id":"export_x","complete":"yes"}"#), .failure(.responseTooLarge(bytesMax: 1)),
    ])
    func `is unknown when a look says nothing of it`(answer: ScriptedAlma.Answer) async throws {
        await #expect(throws: OutcomeUnknown.self) { _ = try await ask(ScriptedAlma(none, begun, answer)) }
    }

    @Test(arguments: [ScriptedAlma.status(404), .failure(.responseTooLarge(bytesMax: 16 << 20))])
    func `is unknown when its file is not there or too long`(answer: ScriptedAlma.Answer) async throws {
        await #expect(throws: OutcomeUnknown.self) { _ = try await ask(ScriptedAlma(none, begun, written, answer)) }
    }

    @Test func `is unknown, and not refused, when it is the key that is turned away`() async throws {
        let alma = ScriptedAlma(ScriptedAlma.status(401), ScriptedAlma.status(401))
        await #expect(throws: OutcomeUnknown.self) { _ = try await ask(alma) }
        #expect(alma.requests.map(\.method) == [.get, .post])
    }

    @Test func `is never asked for at another address`() async throws {
        let crooked = ScriptedAlma.json(#"{"id":"../payments","complete":false}"#)
        await #expect(throws: OutcomeUnknown.self) { _ = try await ask(ScriptedAlma(none, crooked)) }
    }

    @Test func `says of the sandbox's payout what its movements say`() async throws {
        let sandbox = try await PrivateSandbox.start([
            "--alma-account", "\(account.key.reveal())=merchant_one=FR7630001007941234567890185",
        ])
        let waits = Waits()
        var settings = waits.settings
        settings.testURL = sandbox.almaURL
        settings.exportLooksMax = 1
        let provider = AlmaProvider(settings, transport: .over(HTTPClient(logger: Logger(label: "conformance"))))
        let merchant = Merchant(sandbox: sandbox, key: account.key.reveal())
        // What is paid out today is in the future until tonight.
        try await sandbox.control(.post, "/clock", #"{"offsetSeconds":-259200}"#)
        let payment = try await merchant.acceptedPayment(30_000)
        try await sandbox.control(.post, "/bank/close-day", #"{"unrelated":0}"#)
        let since = Instant(secondsSince1970: 0)
        let told = try #require(try await provider.payouts(after: nil, since: since, account).first)
        #expect(try await provider.report(ofPayout: told.reference, account) == .beingWritten)
        guard case .written(let bytes) = try await provider.report(ofPayout: told.reference, account) else {
            Issue.record("not written at the second look")
            return
        }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains(told.reference) && text.contains(payment))
        #expect(told.lines.allSatisfy { text.contains($0.reference) })
        let listed = try await merchant.call(.get, "/v1/data-exports").json["data"].list
        #expect(listed.count == 1, "who asked twice waited for one export")
        guard case .refused = try await provider.report(ofPayout: "payout_unknown", account) else {
            Issue.record("a payout nobody knows was exported")
            return
        }
    }
}
