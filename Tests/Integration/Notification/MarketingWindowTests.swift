import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import ServiceRuntime
import TestSupport
import Testing

/// NOT-9, C-12: the hours an organisation chooses for its marketing, within those of the law.
@Suite struct `The marketing hours of an organisation` {
    private static let policy = "/v1/sending-policy"

    @Test(
        arguments: [
            (#"{"marketingFrom":"07:59"}"#, "/marketingFrom", false),
            (#"{"marketingFrom":"8:00"}"#, "/marketingFrom", false),
            (#"{"marketingUntil":"20:01"}"#, "/marketingUntil", false),
            (#"{"marketingFrom":"09:00","marketingUntil":"24:00"}"#, "/marketingUntil", false),
            (#"{"marketingFrom":"12:00","marketingUntil":"11:00"}"#, "/marketingUntil", true),
            (#"{"marketingFrom":"20:00"}"#, "/marketingUntil", true),
            (#"{"marketingFrom":"19:59","marketingUntil":"20:00"}"#, "/marketingUntil", true),
        ])
    func `NOT-9: are refused outside of the law's, and where nothing could leave in them`(
        json: String, pointer: String, isLawful: Bool
    ) async throws {
        let bench = try await CampaignBench.shared()
        let answer = try await bench.call(.put, Self.policy, json, seen: 0)
        #expect(answer.status == 422)
        let problems = answer.json["errors"]?.elements ?? []
        #expect(problems.compactMap { $0["pointer"]?.text } == [pointer])
        let words =
            isLawful
            ? [
                "It is less than two minutes after \"marketingFrom\": nothing could leave.",
                "Have two minutes or more between the two.",
            ] : ["It is not in the form it should have.", "Give a time from 08:00 to 20:00."]
        #expect(["reason", "remedy"].compactMap { problems.first?[$0]?.text } == words)
        #expect(try await bench.done(.get, Self.policy).header("ETag") == "\"v0\"", "nothing was kept")
    }

    @Test func `NOT-9: are kept as they were chosen, two minutes too, and are the law's where nobody chose`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        let told = [
            ("{}", ["08:00", "20:00"]), (#"{"marketingFrom":"10:30"}"#, ["10:30", "20:00"]),
            (#"{"marketingFrom":"19:58","marketingUntil":"20:00"}"#, ["19:58", "20:00"]),
        ]
        for (version, (json, hours)) in told.enumerated() {
            try await bench.done(.put, Self.policy, json, seen: Int64(version))
            let kept = try await bench.done(.get, Self.policy).json
            #expect(["marketingFrom", "marketingUntil"].compactMap { kept[$0]?.text } == hours)
        }
    }

    @Test(arguments: [#"{"marketingFrom":"16:00"}"#, #"{"marketingFrom":"09:00","marketingUntil":"12:00"}"#])
    func `NOT-9, C-12: hold what would leave before or after them, and let it leave within`(json: String) async throws {
        let bench = try await CampaignBench.shared()
        // The clinic's clock shows between one and two, or just past that.
        try await bench.openHours()
        let phones = try await bench.enter(1, in: "all")
        try await bench.done(.put, Self.policy, json, seen: 0)
        let id = try await bench.draft(groups: ["all"])
        #expect(try await bench.steer(id, "start").status == 200)
        var held: [MessageID] = []
        try await waitUntil("it is held, though the law would let it leave") {
            held = try await bench.held(phones)
            return held.count == 1
        }
        #expect(try await bench.sendings(to: phones).isEmpty)
        let now = TimeSource.system.now()
        let shown = try await bench.done(.get, "/v1/messages/\(held[0])").json["waitsUntil"]?.text
        let until = try #require(shown.flatMap { Instant($0) }, "the desk sees until when")
        #expect(until > now)
        try await bench.done(
            .put, Self.policy, #"{"marketingFrom":"12:00","marketingUntil":"16:00"}"#, seen: 1)
        try await bench.stack.ring(held)
        try await bench.waitUntilOver(id)
        #expect(try await bench.sendings(to: phones) == [phones[0]: 1])
        #expect(try await bench.done(.get, "/v1/messages/\(held[0])").json["waitsUntil"] == nil)
    }
}
