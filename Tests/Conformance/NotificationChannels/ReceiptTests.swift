import NotificationChannels
import Observability
import PaymentModel
import Testing

/// NOT-10: receipts as the gateways' own pages have them.
@Suite struct `A receipt` {
    private static let ids: [(String, GatewayReceipt.Verdict?)] = [
        ("0", nil), ("1", .delivered), ("2", .undelivered), ("4", nil), ("8", nil), ("16", .undelivered),
    ]

    @Test(arguments: ids)
    func `NOT-10: of OVHcloud says by its id what became of a job, and without it nothing anybody can read`(
        code: String, verdict: GatewayReceipt.Verdict?
    ) {
        let query = [
            "id": "10000066", "ptt": "4", "date": "2021-09-28 16:16:53", "description": code,
            "descriptionDlr": "Success",
        ]
        let receipt = OVHcloudReceipt.read { query[$0] }
        #expect(receipt == GatewayReceipt(.reference("10000066"), code: code, verdict: verdict))
        for name in ["id", "description"] {
            #expect(OVHcloudReceipt.read { $0 == name ? nil : query[$0] } == nil)
        }
    }

    @Test func `NOT-10: of Twilio is signed as in the example of its pages`() {
        let form = [
            ("CallSid", "CA1234567890ABCDE"), ("Caller", "+12349013030"), ("Digits", "1234"),
            ("From", "+12349013030"), ("To", "+18005551212"),
        ]
        func isGenuine(_ form: [(String, String)]) -> Bool {
            TwilioReceipt.isGenuine(
                "0/KCTR6DLpKmkAf8muzZqo1nDgQ=", url: "https://mycompany.com/myapp.php?foo=1&bar=2", form: form,
                token: Secret("12345"))
        }
        #expect(isGenuine(form) && isGenuine(form.reversed()) && !isGenuine(Array(form.dropLast())))
    }

    private static let statuses: [(Int, GatewayReceipt.Verdict?)] = [
        (0, nil), (1, nil), (2, .undelivered), (3, .delivered), (4, .undelivered), (5, .undelivered),
        (6, .undelivered), (7, .undelivered), (8, nil), (9, .undelivered), (11, .undelivered), (12, .undelivered),
    ]

    @Test(arguments: statuses)
    func `NOT-10: of SMSFactor says by its list what became of a message, and nothing of one not sent yet`(
        status: Int, verdict: GatewayReceipt.Verdict?
    ) {
        let body = #"{"status":\#(status),"message_id":"\#(MessageID(1))"}"#
        let receipt = SMSFactorReceipt.read(Array(body.utf8))
        #expect(receipt == GatewayReceipt(.message(MessageID(1)), code: "\(status)", verdict: verdict))
    }

    @Test func `NOT-10: of SMSFactor may be about a message of another software, and has a status`() {
        let others = [#"{"status":3,"message_id":"621277"}"#, #"{"status":3}"#]
        for body in others {
            let receipt = SMSFactorReceipt.read(Array(body.utf8))
            #expect(receipt == GatewayReceipt(.another, code: "3", verdict: .delivered))
        }
        #expect(SMSFactorReceipt.read(Array(#"{"state":3,"message_id":"621277"}"#.utf8)) == nil)
    }
}

/// NOT-1, NOT-10: what a described gateway's receipts are about.
@Suite struct `A receipt of the described gateway` {
    private static let secret = Secret("secret")
    private static let words = #""code":"state","delivered":["arrived"],"undelivered":["lost"]"#

    private func template(_ receipts: String, _ more: String = "") -> HTTPTemplate? {
        let json = #"""
            {"name":"described","method":"GET","url":"https://gateway.example/send",
             "taken":{"statuses":[200]},"receipts":{\#(receipts),\#(Self.words)}\#(more)}
            """#
        return HTTPTemplate(json: Array(json.utf8))
    }

    @Test func `NOT-10: names a message by the gateway's own id where its description says so`() throws {
        let template = try #require(self.template(#""reference":"ticket""#, #","referencePointer":"/id""#))
        #expect(template.receiptsNameReferences)
        func read(_ fields: [String: String]) -> GatewayReceipt? {
            template.receipt({ fields[$0] }, body: [], secret: Self.secret)
        }
        let arrived = GatewayReceipt(.reference("7"), code: "arrived", verdict: .delivered)
        #expect(read(["ticket": "7", "state": "arrived"]) == arrived)
        #expect(read(["state": "arrived"]) == nil && read(["ticket": "", "state": "arrived"]) == nil)
    }

    @Test func `NOT-10: names it by ours with its key where it says that, and is none with another's`() throws {
        let template = try #require(self.template(#""id":"id","key":"key""#))
        #expect(!template.receiptsNameReferences)
        let id = MessageID(1)
        let key = ReceiptProof.key(of: id, secret: Self.secret)
        func read(_ key: String) -> GatewayReceipt? {
            let fields = ["id": "\(id)", "key": key, "state": "lost"]
            return template.receipt({ fields[$0] }, body: [], secret: Self.secret)
        }
        #expect(read(key) == GatewayReceipt(.message(id), code: "lost", verdict: .undelivered))
        #expect(read(ReceiptProof.key(of: MessageID(2), secret: Self.secret)) == nil)
    }

    @Test func `NOT-1: is read where a pointer leads, through lists and names with a slash or a tilde in them`() throws
    {
        let template = try #require(self.template(#""reference":"/sms~1dlr/1/~0id~01""#, #","referencePointer":"/id""#))
        let body = #"{"sms/dlr":[{"~id~1":6},{"~id~1":7}]}"#
        let receipt = template.receipt({ $0 == "state" ? "lost" : nil }, body: Array(body.utf8), secret: Self.secret)
        #expect(receipt == GatewayReceipt(.reference("7"), code: "lost", verdict: .undelivered))
    }

    @Test(arguments: ["9223372036854775807", "12345678901234567890", "18446744073709551615"])
    func `NOT-10: has the gateway's own id digit by digit, also where it is a long number`(id: String) throws {
        let template = try #require(self.template(#""reference":"/id""#, #","referencePointer":"/id""#))
        let body = Array(#"{"id":\#(id)}"#.utf8)
        let receipt = template.receipt({ $0 == "state" ? "arrived" : nil }, body: body, secret: Self.secret)
        #expect(receipt?.subject == .reference(id))
    }

    @Test func `NOT-1: that nobody could say the message of is no description`() {
        #expect(template(#""reference":"ticket""#) == nil, "no answer tells the gateway's id")
        #expect(template(#""id":"id""#) == nil)
        #expect(template(#""reference":"ticket","id":"id","key":"key""#, #","referencePointer":"/id""#) == nil)
    }
}
