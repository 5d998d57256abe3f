import FoundationEssentials
import PaymentModel
import Testing

@Suite struct PhoneTests {
    @Test(arguments: ["+33612345678", "+262692123456", "+14155550100", "+1234567"])
    func `is read from E.164`(text: String) {
        #expect(Phone(e164: text)?.e164 == text)
    }

    @Test(arguments: [
        "", "0612345678", "+0612345678", "+33 612345678", "+123456", "+1234567890123456", "+3361234567a", "33612345678",
    ])
    func `is not read from anything else`(text: String) {
        #expect(Phone(e164: text) == nil)
    }

    @Test func `hides itself when described`() throws {
        let phone = try #require(Phone(e164: "+33612345678"))
        #expect("\(phone)" == "+33*******78")
        #expect(try JSONDecoder().decode(Phone.self, from: Data(#""+33612345678""#.utf8)) == phone)
    }
}

@Suite struct EmailAddressTests {
    @Test(arguments: ["a@b.fr", "jeanne.d'arc+vet@clinique-des-lilas.example", "x_1@sub.example.com"])
    func `is read when it can stand in an envelope`(text: String) {
        #expect(EmailAddress(text)?.text == text)
    }

    @Test(arguments: [
        "", "a", "@b.fr", "a@", "a@b", "a@b..fr", "a b@c.fr", "a@b.fr\r\nBcc: c@d.fr", "<a@b.fr>", "a@b@c.fr",
        ".a@b.fr",
        "a..b@c.fr", "a@-b.fr", "a@b.fr,c@d.fr", "é@b.fr",
    ])
    func `is not read from anything else`(text: String) {
        #expect(EmailAddress(text) == nil)
    }

    @Test func `hides itself when described`() throws {
        let address = try #require(EmailAddress("jeanne@example.com"))
        #expect("\(address)" == "j***@example.com")
    }
}

@Suite struct PaymentPlanTests {
    @Test func `round trips through its code and JSON`() {
        holds { generator in
            let plan = try #require(
                PaymentPlan(instalments: generator.number(1...60), deferredDays: generator.number(0...366)))
            let json = try JSONEncoder().encode(plan)
            return try PaymentPlan(code: plan.code) == plan
                && JSONDecoder().decode(PaymentPlan.self, from: json) == plan
        }
    }

    @Test func `has short codes`() {
        #expect(PaymentPlan.inInstalments(3).code == "3x")
        #expect(PaymentPlan.deferred(days: 30).code == "1x+30d")
        #expect(PaymentPlan.now.code == "1x")
    }

    @Test(arguments: ["", "x", "3", "0x", "61x", "03x", "3x+", "3x+0d", "3x+367d", "3x+30", "3x+30d+1d", "+3x", "3X"])
    func `is not read from anything else`(code: String) {
        #expect(PaymentPlan(code: code) == nil)
    }
}
