import HTTPClient
import NotificationChannels
import NotificationDomain
import PaymentModel
import ServiceRuntime
import TestSupport
import Testing

/// NOT-1: what every gateway must do, whatever its API looks like; a mail server is one as well.
@Suite(.serialized) struct `A gateway` {
    /// Every letter the alphabet has trouble with, and everything that has a meaning in JSON, forms, XML or queries.
    private static let texts = [
        "Bonjour", "été à l’œil «ç» 1\u{202F}234,56\u{202F}€", "\"a\" \\ {b} [c] ~ | ^ & < > % + = ? # ; / {{text}}",
        "deux\nlignes", "🐶 שלום مرحبا", String(repeating: "€", count: 200),
    ]

    @Test(arguments: GatewayKind.allCases)
    func `NOT-1: takes a message once, letter by letter, and says in how many parts`(kind: GatewayKind) async throws {
        let bench = try await GatewayBench.shared()
        let gateway = try bench.gateway(kind)
        #expect(gateway.name == kind.rawValue)
        for text in Self.texts {
            let message = GatewayBench.message(by: kind, text)
            guard case .accepted(_, let parts) = await gateway.send(message) else {
                Issue.record("\(kind) did not take \(text)")
                continue
            }
            let taken = try await bench.taken(kind, message.address)
            #expect(taken.count == 1 && taken.first?["shown"].string == text)
            guard kind != .smtp else {
                #expect(parts == 1, "a mail is billed as one, however long it is")
                continue
            }
            #expect(taken.first?["sender"].string == "Les Lilas")
            #expect(parts == SMSParts(of: text).count && taken.first?["parts"].int == parts)
        }
    }

    @Test(arguments: GatewayKind.forSMS)
    func `NOT-8: says in how many parts a message goes abroad, whatever a part costs there`(kind: GatewayKind)
        async throws
    {
        let bench = try await GatewayBench.shared()
        for text in ["Bonjour", String(repeating: "a", count: 200)] {
            let message = GatewayBench.message(text, to: "+324\(Int.random(in: 70_000_000...79_999_999))")
            guard case .accepted(_, let parts) = await (try bench.gateway(kind)).send(message) else {
                Issue.record("\(kind) did not take \(text)")
                continue
            }
            #expect(parts == SMSParts(of: text).count)
        }
    }

    @Test(arguments: GatewayKind.forSMS)
    func `NOT-9: takes marketing with one mention of STOP, its own or ours, in as many parts as were counted`(
        kind: GatewayKind
    ) async throws {
        let bench = try await GatewayBench.shared()
        let gateway = try bench.gateway(kind)
        for (body, ours) in [
            ("Vaccins", "\nSTOP SMS: 36111"), (String(repeating: "a", count: 144), "\nSTOP SMS: 36111"),
            (String(repeating: "a", count: 145), "\nSTOP SMS: 36111"), ("Vaccins.", " Stop SMS: 36111"),
        ] {
            let text = "\(body)\(ours)"
            let message = GatewayBench.message(text, stopMention: "STOP SMS: 36111")
            guard case .accepted(_, let parts) = await gateway.send(message) else {
                Issue.record("\(kind) did not take \(text)")
                continue
            }
            let taken = try #require(try await bench.taken(kind, message.address).first)
            let addsItsOwn = kind == .smsfactor || kind == .ovhcloud
            #expect(taken["shown"].string == (addsItsOwn ? "\(body)\nSTOP SMS: 36180" : text))
            #expect(parts == SMSParts(of: text).count && taken["parts"].int == parts)
        }
    }

    /// SMSFactor's reference has no such thing.
    @Test(arguments: GatewayKind.forSMS.filter { $0 != .smsfactor })
    func `NOT-1: does not bring what has become worthless to a phone that is switched on again`(kind: GatewayKind)
        async throws
    {
        let bench = try await GatewayBench.shared()
        let gateway = try bench.gateway(kind)
        for (minutes, verdict) in [(10, "undelivered"), (1_439, "delivered"), (nil, "delivered")] as [(Int?, String)] {
            let message = GatewayBench.message(validMinutes: minutes)
            try await bench.sandbox.control(
                .post, "/gateways/outcomes", #"{"to":"\#(message.address)","verdict":"off"}"#)
            guard case .accepted = await gateway.send(message) else {
                Issue.record("\(kind) did not take it")
                continue
            }
            let taken = try #require(try await bench.taken(kind, message.address).first)
            #expect(taken["verdict"].string == verdict)
            if minutes == 10 { #expect(taken["validMinutes"].int == 10) }
        }
    }

    @Test func `NOT-1: is told of whole minutes, and of none where it gives up before anyway`() {
        #expect(OutgoingMessage.validMinutes(in: 599) == 9 && OutgoingMessage.validMinutes(in: 600) == 10)
        #expect(OutgoingMessage.validMinutes(in: 3) == 1)
        #expect(OutgoingMessage.validMinutes(in: 2_879 * 60) == 2_879)
        #expect(OutgoingMessage.validMinutes(in: 2_880 * 60) == nil)
    }

    @Test(
        arguments: GatewayKind.allCases.map { ($0, Trouble.loseAnswer) }
            + GatewayKind.forSMS.map { ($0, Trouble.html) })
    func `NOT-10: whose answer is lost after the effect says that nobody knows`(kind: GatewayKind, trouble: Trouble)
        async throws
    {
        let bench = try await GatewayBench.shared()
        let message = GatewayBench.message(by: kind)
        try await bench.spoil(kind, message, by: trouble)
        guard case .unknown = await (try bench.gateway(kind)).send(message) else {
            Issue.record("\(kind) claims to know")
            return
        }
        #expect(try await bench.taken(kind, message.address).count == 1)
    }

    @Test(arguments: GatewayKind.allCases)
    func `NOT-10: whose answer does not come in time says that nobody knows`(kind: GatewayKind) async throws {
        let bench = try await GatewayBench.shared()
        let message = GatewayBench.message(by: kind)
        try await bench.spoil(kind, message, by: .slowAnswer)
        // Long enough for the message to get there on a machine that does much else.
        guard case .unknown = await (try bench.gateway(kind, timeMax: .seconds(4))).send(message) else {
            Issue.record("\(kind) claims to know")
            return
        }
        #expect(try await eventually { try await bench.taken(kind, message.address).count == 1 })
    }

    /// A mail server that hangs up before it was given the mail never had it, which is known.
    @Test(arguments: GatewayKind.forSMS)
    func `NOT-10: whose answer is lost without an effect says that nobody knows, and does not try again`(
        kind: GatewayKind
    ) async throws {
        let bench = try await GatewayBench.shared()
        let message = GatewayBench.message()
        try await bench.spoil(kind, message, by: .drop)
        guard case .unknown = await (try bench.gateway(kind)).send(message) else {
            Issue.record("\(kind) claims to know")
            return
        }
        #expect(try await bench.taken(kind, message.address).isEmpty)
    }

    @Test(arguments: GatewayKind.allCases)
    func `NOT-10: that asks us to come back, or cannot be reached, had no part of the message`(kind: GatewayKind)
        async throws
    {
        let bench = try await GatewayBench.shared()
        let message = GatewayBench.message(by: kind)
        try await bench.spoil(kind, message, by: .rateLimit)
        for url in [nil, "http://127.0.0.1:1/nobody"] {
            guard case .notTaken = await (try bench.gateway(kind, at: url)).send(message) else {
                Issue.record("\(kind) had a part of it")
                continue
            }
        }
        #expect(try await bench.taken(kind, message.address).isEmpty)
    }

    @Test(arguments: GatewayKind.allCases)
    func `NOT-10: that does not know us leaves the message to be sent when the account is mended`(kind: GatewayKind)
        async throws
    {
        let bench = try await GatewayBench.shared()
        let message = GatewayBench.message(by: kind)
        guard case .notTaken = await (try bench.gateway(kind, isStranger: true)).send(message) else {
            Issue.record("\(kind) took a stranger's message, or gave it up")
            return
        }
        #expect(try await bench.taken(kind, message.address).isEmpty)
    }

    @Test(
        arguments: [
            (401, -1, DispatchOutcome.notTaken(reason: "the gateway's status is -1")),
            (402, -3, .notTaken(reason: "the gateway's status is -3")),
            (400, -7, .refused(reason: "the gateway's status is -7")),
            (500, -8, .unknown(reason: "held by the gateway")),
            (200, -99, .unknown(reason: "the gateway's status is -99")),
            (200, 2, .unknown(reason: "the gateway's status is 2")),
            (500, 1, .unknown(reason: "the gateway answered 500 without a readable body")),
        ])
    func `NOT-10: SMSFactor's own status says what became of a message, whatever HTTP's is beside it`(
        http: Int, status: Int, outcome: DispatchOutcome
    ) async throws {
        let bench = try await GatewayBench.shared()
        let message = GatewayBench.message()
        try await bench.spoil(
            .smsfactor, message, by: #""kind":"gateway-status","status":\#(status),"http":\#(http)"#)
        #expect(await (try bench.gateway(.smsfactor)).send(message) == outcome)
    }

    @Test(
        arguments: ["invalid", "npai", "duplicated", "blacklisted", "not_allowed", "flood", "country_limit"],
        [false, true])
    func `NOT-1, NOT-9: SMSFactor's reason for sending to nobody says whether another gateway may bring it`(
        why: String, isMarketing: Bool
    ) async throws {
        let bench = try await GatewayBench.shared()
        let message = GatewayBench.message(isMarketing: isMarketing)
        try await bench.sandbox.control(.post, "/sms/discards", #"{"to":"\#(message.address)","as":"\#(why)"}"#)
        let reason = "the gateway sent it to nobody: \(why)"
        let isFinal = ["invalid", "npai", "duplicated"].contains(why) || why == "blacklisted" && isMarketing
        let outcome = await (try bench.gateway(.smsfactor)).send(message)
        #expect(outcome == (isFinal ? .refused(reason: reason) : .barred(reason: reason)))
        #expect(try await bench.taken(.smsfactor, message.address).isEmpty)
    }

    /// A new account reaches no country but its own, and numbers abroad go to Twilio first.
    @Test(arguments: ["opted-out", "closed-country"], [false, true])
    func `NOT-1, NOT-9: Twilio's reason for refusing says whether another gateway may bring it`(
        why: String, isMarketing: Bool
    ) async throws {
        let bench = try await GatewayBench.shared()
        let abroad = "+324\(Int.random(in: 70_000_000...79_999_999))"
        let message = GatewayBench.message(to: abroad, isMarketing: isMarketing)
        try await bench.sandbox.control(
            .post, "/gateways/outcomes", #"{"to":"\#(message.address)","verdict":"\#(why)"}"#)
        let reason = "the gateway's code is \(why == "opted-out" ? 21_610 : 21_408)"
        let isFinal = why == "opted-out" && isMarketing
        let outcome = await (try bench.gateway(.twilio)).send(message)
        #expect(outcome == (isFinal ? .refused(reason: reason) : .barred(reason: reason)))
        #expect(try await bench.taken(.twilio, message.address).isEmpty)
    }

    @Test(
        arguments: [
            (#""kind":"status","status":400"#, DispatchOutcome.barred(reason: "the gateway answered 400")),
            (#""kind":"status","status":409"#, .barred(reason: "the gateway answered 409")),
            (#""kind":"status","status":404"#, .notTaken(reason: "the gateway answered 404")),
            (#""kind":"html","status":400"#, .unknown(reason: "the gateway answered 400 without a readable body")),
            (#""kind":"alter","members":{"ids":[]}"#, .barred(reason: "the gateway sent it to nobody")),
        ])
    func `NOT-1, NOT-10: OVHcloud gives up for good only what it calls a wrong number`(
        fault: String, outcome: DispatchOutcome
    ) async throws {
        let bench = try await GatewayBench.shared()
        let message = GatewayBench.message()
        try await bench.spoil(.ovhcloud, message, by: fault)
        #expect(await (try bench.gateway(.ovhcloud)).send(message) == outcome)
        let noNumber = await (try bench.gateway(.ovhcloud)).send(GatewayBench.message(to: "+0123"))
        #expect(noNumber == .refused(reason: "the gateway sent it to nobody: invalid"))
    }

    @Test func `NOT-9: OVHcloud's sending an advertisement to nobody is final, since who it is for may have said STOP`()
        async throws
    {
        let bench = try await GatewayBench.shared()
        let message = GatewayBench.message(isMarketing: true)
        try await bench.spoil(.ovhcloud, message, by: #""kind":"alter","members":{"ids":[]}"#)
        let outcome = await (try bench.gateway(.ovhcloud)).send(message)
        #expect(outcome == .refused(reason: "the gateway sent it to nobody"))
    }

    @Test func `NOT-10: that has no such account leaves the message to another, and to when its name is mended`()
        async throws
    {
        let bench = try await GatewayBench.shared()
        let message = GatewayBench.message()
        let outcome = await bench.ovhcloud(account: "sms-2").send(message)
        #expect(outcome == .notTaken(reason: "the gateway answered 404"))
        #expect(try await bench.taken(.ovhcloud, message.address).isEmpty)
    }

    @Test func `NOT-8: SMSFactor's bill is as many parts as the words make where it does not say`() async throws {
        let bench = try await GatewayBench.shared()
        let message = GatewayBench.message(String(repeating: "a", count: 400))
        try await bench.spoil(.smsfactor, message, by: #""kind":"alter","members":{"cost":null}"#)
        guard case .accepted(_, let parts) = await (try bench.gateway(.smsfactor)).send(message) else {
            Issue.record("it is not taken")
            return
        }
        #expect(parts == 3)
    }

    @Test func `NOT-1: whose clock was set is asked for its time again, and the message leaves at the next try`()
        async throws
    {
        let bench = try await GatewayBench.shared()
        let gateway = try bench.gateway(.ovhcloud)
        guard case .accepted = await gateway.send(GatewayBench.message()) else {
            Issue.record("it is not taken by its own clock")
            return
        }
        func set(_ secondsAhead: Int) async throws {
            try await bench.sandbox.control(
                .post, "/gateways/accounts/ovhcloud", GatewayBench.ovhcloud(secondsAhead: secondsAhead))
        }
        try await set(-900)
        let message = GatewayBench.message()
        let outcomes = [await gateway.send(message), await gateway.send(message)]
        try await set(3_600)
        #expect(outcomes[0] == .notTaken(reason: "the gateway answered 403"))
        guard case .accepted = outcomes[1] else {
            Issue.record("it signs with the time of before: \(outcomes[1])")
            return
        }
        #expect(try await bench.taken(.ovhcloud, message.address).count == 1)
    }

    @Test(arguments: GatewayKind.allCases)
    func `NOT-10: refuses for good what nobody can be reached at`(kind: GatewayKind) async throws {
        let bench = try await GatewayBench.shared()
        let message = try await bench.unreachable(by: kind)
        guard case .refused = await (try bench.gateway(kind)).send(message) else {
            Issue.record("\(kind) did not refuse it")
            return
        }
        #expect(try await bench.taken(kind, message.address).isEmpty)
    }

    @Test func `NOT-9: that keeps replies lists each until it is read, and who said STOP to its own number`()
        async throws
    {
        let bench = try await GatewayBench.shared()
        let box = bench.replies()
        let (writer, stopper) = (GatewayBench.message().address, GatewayBench.message().address)
        for reply in [
            #"{"from":"\#(writer)","text":"Stop svp"}"#, #"{"from":"\#(stopper)","text":"STOP","to":"ovhcloud"}"#,
        ] { try await bench.sandbox.control(.post, "/gateways/replies", reply) }
        let listed = try await box.replies(since: nil)
        var said: [GatewayReply] = []
        for reply in listed { if let one = try await box.read(reply) { said.append(one) } }
        #expect(said.contains { $0.from == writer && $0.text == "Stop svp" && $0.identity != nil })
        #expect(said.contains { $0.from == stopper && $0.text == "STOP" })
        #expect(!listed.contains { $0.identity.contains(stopper.dropFirst()) }, "a number is nothing to be known by")
        #expect(try await box.replies(since: nil) == listed)
        let later = try await box.replies(since: TimeSource.system.now().adding(.seconds(3_600)))
        #expect(later.allSatisfy { $0.said != nil } && !later.isEmpty, "nothing came in since")
        #expect(try await box.read(KeptReply(identity: "1")) == nil, "it was deleted meanwhile")
    }

    @Test func `NOT-9, GEN-7: that keeps who said STOP has them known by what trying all numbers does not tell`()
        async throws
    {
        let (bench, stopper) = (try await GatewayBench.shared(), "+33698765432")
        let reply = #"{"from":"\#(stopper)","text":"STOP","to":"ovhcloud"}"#
        try await bench.sandbox.control(.post, "/gateways/replies", reply)
        let kept = try await bench.replies().replies(since: nil).first { $0.said?.from == stopper }
        // The number's own hash, which anybody can make.
        #expect(try #require(kept).identity != "stop/5d95927065eaad98853886917e3ac06e")
    }

    @Test func `NOT-9: that keeps replies lists first who said STOP to its own number, then the newest`() async throws {
        let bench = try await GatewayBench.shared()
        for reply in [#""text":"Merci""#, #""text":"Bonjour""#, #""text":"STOP","to":"ovhcloud""#] {
            let from = GatewayBench.message().address
            try await bench.sandbox.control(.post, "/gateways/replies", #"{"from":"\#(from)",\#(reply)}"#)
        }
        let listed = try await bench.replies().replies(since: nil)
        let unread = listed.drop { $0.said != nil }
        #expect(unread.startIndex > 0 && unread.count > 1 && unread.allSatisfy { $0.said == nil })
        let ids = unread.compactMap { Int64($0.identity) }
        #expect(ids.count == unread.count && ids == ids.sorted(by: >))
    }

    @Test func `NOT-9: that keeps replies says so when it does not tell them, and claims no silence`() async throws {
        let bench = try await GatewayBench.shared()
        for box in [bench.replies(isStranger: true), bench.replies(at: "http://127.0.0.1:1/nobody")] {
            await #expect(throws: RepliesUnavailable.self) { try await box.replies(since: nil) }
        }
        try await bench.sandbox.control(.post, "/faults", #"{"operation":"ovhcloud.list-incoming","kind":"html"}"#)
        await #expect(throws: RepliesUnavailable.self) { try await bench.replies().replies(since: nil) }
    }
}
