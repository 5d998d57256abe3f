import HTTPServer
import NotificationChannels
import NotificationService
import ServiceRuntime
import Testing

/// NOT-9, NOT-10: what the service's page says of the addresses gateways call.
@Suite struct `The page of webhooks` {
    private func webhook(_ path: String, _ method: String) async throws -> JSONValue {
        let service = try #require(BareService.all.first { $0.name == NotificationService.name })
        let page = try JSONParser.parse(Array(try await service.assemble(.serve).openAPI.utf8))
        return try #require(page["paths"]?["/webhooks/\(path)"]?[method])
    }

    private func texts(_ value: JSONValue?) -> [String] { (value?.elements ?? []).compactMap(\.text) }

    @Test func `NOT-9: says of all that SMSFactor calls that it is signed, or brings the secret`() async throws {
        for end in ["receipts", "replies"] {
            let parameters = try await webhook("smsfactor/\(end)", "post")["parameters"]?.elements ?? []
            #expect(parameters.compactMap { $0["name"]?.text } == ["key", "X-SMSFactor-Signature"], "\(end)")
        }
    }

    @Test func `NOT-9: says of a reply of SMSFactor what it has, of which nothing that must be there may be missing`()
        async throws
    {
        let operation = try await webhook("smsfactor/replies", "post")
        let schema = try #require(operation["requestBody"]?["content"]?["application/json"]?["schema"])
        let told = schema["properties"]?.members?.names ?? []
        #expect(told.sorted() == ["date", "from", "last_message_id", "message"])
        let required = texts(schema["required"])
        func reply(without name: String?) -> SMSFactorReply? {
            let members = required.filter { $0 != name }.map { #""\#($0)":"of \#($0)""# }
            return SMSFactorReply(Array("{\(members.joined(separator: ","))}".utf8))
        }
        let whole = try #require(reply(without: nil))
        #expect(whole.from == "of from" && whole.text == "of message")
        for name in required { #expect(reply(without: name) == nil, "\(name)") }
    }

    @Test(arguments: [
        ("smsfactor/receipts", "application/json", ["message_id", "status"]),
        ("twilio/receipts", "application/x-www-form-urlencoded", ["MessageStatus"]),
        ("twilio/replies", "application/x-www-form-urlencoded", ["Body", "From", "MessageSid"]),
    ])
    func `NOT-9, NOT-10: says what else gateways send has`(path: String, type: String, names: [String]) async throws {
        let schema = try await webhook(path, "post")["requestBody"]?["content"]?[type]?["schema"]
        #expect(schema?["properties"]?.members?.names.sorted() == names)
        #expect(Set(texts(schema?["required"])).isSubset(of: names) && !texts(schema?["required"]).isEmpty)
    }

    @Test func `NOT-9, NOT-10: says what Kannel's addresses have to bring`() async throws {
        for (end, names) in [("receipts", ["message", "key", "type"]), ("replies", ["key", "from", "text"])] {
            let parameters = try await webhook("kannel/\(end)", "get")["parameters"]?.elements ?? []
            let required = parameters.filter { $0["required"] == .bool(true) }
            #expect(required.compactMap { $0["name"]?.text } == names, "\(end)")
        }
    }
}
