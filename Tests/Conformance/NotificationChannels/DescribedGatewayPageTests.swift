import NotificationChannels
import Observability
import PaymentModel
import Testing

/// NOT-1: an operator describes a gateway by the service's page alone, whose example `GatewayTests` sends by.
@Suite struct `The page on a described gateway` {
    @Test func `NOT-1: has every key a description may have in its example, and explains each once`() throws {
        let page = try DescribedGatewayPage()
        let keys = Self.keys(of: try #require(HTTPTemplate(json: Array(page.example.utf8))))
        let (known, given) = (Set(keys.map(\.name)), Set(keys.filter(\.isGiven).map(\.name)))
        #expect(known.subtracting(given) == ["receipts.reference"], "it stands in the place of two that are given")
        #expect(page.keys.sorted() == known.sorted())
    }

    @Test(arguments: [
        (#""notTaken": {"#, #""nottaken": {"#), (#""delivered": ["#, #""deliverd": [], "delivered": ["#),
        (#""name": "#, #""names": {"a": 1}, "name": "#),
    ])
    func `NOT-1: has no key that may be another's, misspelt`(right: String, wrong: String) throws {
        let example = try DescribedGatewayPage().example
        #expect(example.contains(right))
        #expect(HTTPTemplate(json: Array(example.replacing(right, with: wrong).utf8)) == nil)
        let without = example.replacing(#""name": "#, with: #""none": null, "name": "#)
        #expect(HTTPTemplate(json: Array(without.utf8)) != nil)
    }

    @Test(arguments: ["smsfactor", "ovhcloud", "twilio", "kannel", "smtp"])
    func `NOT-1: has no name of a gateway with an adapter, for which it would be taken`(name: String) throws {
        let example = try DescribedGatewayPage().example
        let named = example.replacing(#""name": "described""#, with: #""name": "\#(name)""#)
        #expect(named != example && HTTPTemplate(json: Array(named.utf8)) == nil)
    }

    @Test func `NOT-1, NOT-9: has its example read the receipt and the reply it shows`() throws {
        let page = try DescribedGatewayPage()
        let template = try #require(HTTPTemplate(json: Array(page.example.utf8)))
        let (id, secret) = (MessageID(1), Secret("secret"))
        let query = ["id": "\(id)", "key": ReceiptProof.key(of: id, secret: secret)]
        let receipt = template.receipt({ query[$0] }, body: Array(page.receipt.utf8), secret: secret)
        #expect(receipt == GatewayReceipt(.message(id), code: "arrived", verdict: .delivered))
        let reply = template.reply({ _ in nil }, body: Array(page.reply.utf8))
        #expect(reply == GatewayReply(from: "33612345678", text: "STOP", identity: "7"))
    }

    /// All keys a description may have, and whether this one has them; those of answers are the same three times.
    private static func keys(of described: Any, below path: String = "") -> [(name: String, isGiven: Bool)] {
        Mirror(reflecting: described).children.flatMap { child -> [(name: String, isGiven: Bool)] in
            let name = path + (child.label ?? "")
            let mirror = Mirror(reflecting: child.value)
            let value: Any? = mirror.displayStyle == .optional ? mirror.children.first?.value : child.value
            guard let part = value else { return [(name: name, isGiven: false)] }
            let below: String
            switch part {
            case is HTTPTemplate.Answers: below = "*."
            case is HTTPTemplate.Receipts, is HTTPTemplate.Replies: below = "\(name)."
            default: return [(name: name, isGiven: true)]
            }
            return [(name: name, isGiven: true)] + keys(of: part, below: below)
        }
    }
}
