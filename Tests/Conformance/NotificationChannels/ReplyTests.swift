import NotificationChannels
import Testing

/// NOT-9: what people write back, as each gateway tells of it.
@Suite struct `A reply` {
    private static func template(_ replies: String) throws -> HTTPTemplate {
        let json = #"""
            {"name":"described","method":"GET","url":"https://gateway.example/send",
             "taken":{"statuses":[200]}\#(replies)}
            """#
        return try #require(HTTPTemplate(json: Array(json.utf8)))
    }

    @Test func `NOT-9: of the described gateway is read from fields or JSON, as its description says`() throws {
        let wanted = GatewayReply(from: "33612345678", text: "STOP", identity: "7")
        let fields = ["msisdn": "33612345678", "body": "STOP", "ref": "7"]
        let named = try Self.template(#","replies":{"from":"msisdn","text":"body","id":"ref"}"#)
        #expect(named.describesReplies && named.reply({ fields[$0] }, body: []) == wanted)
        let json = Array(#"{"sms":[{"from":"33612345678","text":"STOP","id":7}]}"#.utf8)
        let pointed = try Self.template(#","replies":{"from":"/sms/0/from","text":"/sms/0/text","id":"/sms/0/id"}"#)
        #expect(pointed.reply({ _ in nil }, body: json) == wanted)
        let nameless = try Self.template(#","replies":{"from":"msisdn","text":"body"}"#)
        #expect(nameless.reply({ fields[$0] }, body: [])?.identity == nil)
    }

    @Test func `NOT-9: without its number or its words is none, and one nobody described is not read`() throws {
        let named = try Self.template(#","replies":{"from":"msisdn","text":"body"}"#)
        #expect(named.reply({ $0 == "body" ? "STOP" : nil }, body: []) == nil)
        #expect(named.reply({ $0 == "msisdn" ? "33612345678" : nil }, body: []) == nil)
        let silent = try Self.template("")
        #expect(!silent.describesReplies && silent.reply({ _ in "STOP" }, body: []) == nil)
    }

    private static func reply(_ from: String, _ more: String = "") -> SMSFactorReply? {
        let json = #"{"date":"2026-11-26T10:00:00+01:00","message":"Stop SMS","from":"\#(from)"\#(more)}"#
        return SMSFactorReply(Array(json.utf8))
    }

    @Test func `NOT-9: of SMSFactor is known from another's of the same second, also without the message before it`() {
        let (one, other) = (Self.reply("33612345678"), Self.reply("33612345679"))
        #expect(one != nil && one?.identity != other?.identity)
        #expect(one?.identity == Self.reply("+33612345678")?.identity, "the same one, pushed twice")
        #expect(one?.identity.contains("612345678") == false)
        let national = Self.reply("0612345678")
        #expect(national?.from == "0612345678" && national?.identity.contains("612345678") == false)
        let ours = "01890a5d-ac96-774b-bcce-b302099a8057"
        let known = Self.reply("33612345678", #","last_message_id":"\#(ours)""#)
        #expect(known?.identity == "2026-11-26T10:00:00+01:00/\(ours)")
    }
}
