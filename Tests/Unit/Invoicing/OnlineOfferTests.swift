import InvoicingDomain
import PaymentModel
import Testing

/// INV-15: what may be offered online.
@Suite struct `An online offer` {
    @Test(arguments: [true, false]) func `INV-15: goes by SMS to mobiles only`(hasMobile: Bool) throws {
        let offers = try OnlineOffer.all(
            for: issued(total: 100), methods: PaymentMethod.defaults, email: nil, hasMobile: hasMobile)
        let bySMS = offers.filter { $0.channel == .sms }
        #expect(bySMS.count == 3 && bySMS.allSatisfy { $0.isOffered == hasMobile })
    }

    @Test func `INV-15: is refused for the first reason there is`() throws {
        let refusals = { (invoice: Invoice, methods: [PaymentMethod]) in
            Set(OnlineOffer.all(for: invoice, methods: methods, email: nil, hasMobile: false).map(\.refusal))
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
