import InvoicingDomain
import PaymentModel
import Testing

/// INV-15: what may be offered online.
@Suite struct `An online offer` {
    @Test func `INV-15: goes by SMS to mobiles only, overseas as well`() throws {
        let numbers = [
            "+33612345678": true, "+33712345678": true, "+33123456789": false, "+262692123456": true,
            "+262262123456": false, "+590690123456": true, "+590590123456": false, "+4915112345678": true,
        ]
        for (number, isOffered) in numbers {
            let phone = try #require(Phone(e164: number))
            let offers = try OnlineOffer.all(
                for: issued(total: 100), methods: PaymentMethod.defaults, email: nil, phone: phone)
            let bySMS = offers.filter { $0.channel == .sms }
            #expect(bySMS.count == 3 && bySMS.allSatisfy { $0.isOffered == isOffered }, "\(number)")
        }
    }

    @Test func `INV-15: is refused for the first reason there is`() throws {
        let refusals = { (invoice: Invoice, methods: [PaymentMethod]) in
            Set(OnlineOffer.all(for: invoice, methods: methods, email: nil, phone: nil).map(\.refusal))
        }
        #expect(try refusals(draft(total: 100), PaymentMethod.defaults) == [.notIssued])
        var paid = try issued(total: 100)
        _ = try paid.allocate(cents(100), on: day)
        #expect(refusals(paid, PaymentMethod.defaults) == [.nothingDue])
        #expect(try refusals(issued(total: 100), PaymentMethod.defaults) == [.noEmail, .noMobile])
        var alma = try #require(PaymentMethod.defaults.first { $0.kind == .alma })
        alma.isOnline = false
        #expect(try refusals(issued(total: 100), [alma]) == [.methodNotOnline("alma")])
        alma.isActive = false
        #expect(try refusals(issued(total: 100), [alma]) == [.methodNotUsed("alma")])
    }
}
