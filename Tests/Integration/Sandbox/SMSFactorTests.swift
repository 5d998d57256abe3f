import HTTPClient
import TestSupport
import Testing

@Suite struct `The simulated SMS gateway` {
    private func start(credits: Int = 10) async throws -> PrivateSandbox {
        try await PrivateSandbox.start(["--sms-account", "token-one=\(credits)"])
    }

    private func send(
        _ sandbox: PrivateSandbox, _ text: String, id: String = "m1", to: String = "33612345678", unicode: Int = 0,
        token: String = "token-one"
    ) async throws -> SandboxJSON {
        let body = """
            {"sms":{"message":{"text":"\(text)","pushtype":"alert","sender":"CLINIQUE","unicode":\(unicode)},
            "recipients":{"gsm":[{"gsmsmsid":"\(id)","value":"\(to)"}]}}}
            """
        let answer = try await sandbox.call(
            .post, "/smsfactor/send", body, headers: [("Authorization", "Bearer \(token)")])
        #expect(answer.status == 200)
        return answer.json
    }

    @Test func `makes two messages of one sent twice`() async throws {
        let sandbox = try await start()
        let first = try await send(sandbox, "Bonjour")
        let second = try await send(sandbox, "Bonjour")

        #expect(first["ticket"] != second["ticket"])
        #expect(second["credits"] == 8)
        #expect(try await sandbox.control(.get, "/sms/counts")["m1"] == 2)
        #expect(try await sandbox.control(.get, "/summary")["sms"]["sentMoreThanOnce"] == 1)
        #expect(try await sandbox.control(.get, "/sms/messages?to=%2B33612345678").list.count == 2)
    }

    @Test func `refuses with HTTP 200 and a negative status`() async throws {
        let sandbox = try await start(credits: 1)
        #expect(try await send(sandbox, "a", token: "wrong")["status"] == -1)
        #expect(try await send(sandbox, String(repeating: "a", count: 161))["status"] == -3)
        #expect(try await send(sandbox, "")["status"] == -7)
        let broken = try await sandbox.call(
            .post, "/smsfactor/send", "{", headers: [("Authorization", "Bearer token-one")])
        #expect(broken.status == 200)
        #expect(broken.json["status"] == -6)
        let late = try await sandbox.call(.get, "/smsfactor/send?token=token-one&to=33612345678&text=a&delay=demain")
        #expect(late.json["status"] == -4)
        #expect(try await sandbox.control(.get, "/sms/messages").list.isEmpty)
    }

    @Test func `counts a number that is none as not sent`() async throws {
        let sandbox = try await start()
        let answer = try await send(sandbox, "a", to: "0612345678")
        #expect(answer["status"] == 1)
        #expect(answer["sent"] == 0)
        #expect(answer["invalid"] == 1)
        #expect(answer["credits"] == 10)
    }

    @Test(
        "bills the parts of C-15",
        arguments: [
            (String(repeating: "é", count: 160), 0, 1), (String(repeating: "é", count: 161), 0, 2),
            (String(repeating: "€", count: 80), 0, 1), (String(repeating: "€", count: 81), 0, 2),
            (String(repeating: "ç", count: 70), 1, 1), (String(repeating: "ç", count: 71), 1, 2),
            (String(repeating: "a", count: 152) + "€" + String(repeating: "a", count: 8), 0, 2),
        ])
    func bills(text: String, unicode: Int, parts: Int) async throws {
        let sandbox = try await start()
        #expect(try await send(sandbox, text, unicode: unicode)["cost"].int == parts)
    }

    @Test func `shows a question mark for what seven bits cannot carry`() async throws {
        let sandbox = try await start()
        _ = try await send(sandbox, "Reçu de 12,50 €")
        #expect(try await sandbox.control(.get, "/sms/messages")[0]["shown"] == "Re?u de 12,50 €")
    }

    @Test func `pushes a signed receipt, before the answer if told to (C-14)`() async throws {
        let sandbox = try await start()
        try await sandbox.control(
            .post, "/sms/accounts",
            "{\"token\":\"token-two\",\"receiptURL\":\"\(sandbox.url)/sink/dlr\",\"signature\":\"shared words\"}")
        try await sandbox.control(.post, "/sms/outcomes", #"{"to":"33612345678","status":2}"#)
        try await sandbox.control(.post, "/webhooks", #"{"channel":"sms-receipt","behaviour":"before-answer"}"#)

        _ = try await send(sandbox, "Bonjour", id: "m7", token: "token-two")

        let receipt = try await sandbox.control(.get, "/sink/dlr")[0]
        #expect(receipt["method"] == "POST")
        #expect(receipt["headers"]["x-smsfactor-signature"].string.count == 64)
        #expect(receipt["body"].string.contains("\"message_id\":\"m7\""))
        #expect(receipt["body"].string.contains("\"status\":2,"))
    }

    @Test func `sends or not behind a refusal that says neither`() async throws {
        let sandbox = try await start()
        try await sandbox.control(
            .post, "/faults",
            #"{"operation":"smsfactor.send","kind":"gateway-status","status":-8,"takesEffect":true}"#)
        #expect(try await send(sandbox, "Bonjour")["status"] == -8)
        #expect(try await sandbox.control(.get, "/sms/messages").list.count == 1)
    }

    @Test func `honours a STOP`() async throws {
        let sandbox = try await start()
        try await sandbox.control(.post, "/sms/stop", #"{"from":"+33612345678"}"#)
        let answer = try await send(sandbox, "Bonjour")
        #expect(answer["sent"] == 0)
        #expect(answer["blacklisted"] == 1)
    }
}
