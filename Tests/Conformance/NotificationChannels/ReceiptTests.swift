import NotificationChannels
import Observability
import PaymentModel
import Testing

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

    @Test func `NOT-1: that nobody could say the message of is no description`() {
        #expect(template(#""reference":"ticket""#) == nil, "no answer tells the gateway's id")
        #expect(template(#""id":"id""#) == nil)
        #expect(template(#""reference":"ticket","id":"id","key":"key""#, #","referencePointer":"/id""#) == nil)
    }
}
