import NotificationDomain
import Testing

/// NOT-2, NOT-3, C-10: what a client is told of a payment is true when it is written.
@Suite struct `Where a payment is` {
    private static let states = ["requested", "starting", "unknown", "open"]

    @Test(arguments: states + ["cancelling", "accepted", "refused", "cancelled", "expired"])
    func `NOT-3, C-10: a link or a reminder is written only while its link can still be used`(state: String) {
        for occasion in [Occasion.paymentLink, .paymentReminder] {
            #expect(PaymentPlight(state).bears(occasion) == Self.states.contains(state))
        }
        #expect(PaymentPlight(state).bears(.paymentRefused) == (state == "refused"))
        #expect(PaymentPlight(state).bears(.paymentCancelled) == (state == "cancelled"))
    }

    @Test func `NOT-3, C-10: nobody is sent to pay what is being called off, also where its state does not say so`() {
        for state in Self.states {
            #expect(PaymentPlight(state, isCancelling: true) == PaymentPlight("cancelling"))
        }
        #expect(PaymentPlight("accepted", isCancelling: true) == .accepted, "what ended it says more")
    }

    @Test func `C-10: nobody is sent to pay what they have agreed to, though the provider has not decided`() {
        for occasion in Occasion.allCases {
            let isBorne = PaymentPlight("open", isAgreed: true).bears(occasion)
            #expect(isBorne == (PaymentPlight("open").bears(occasion) && !isToPay(occasion)), "\(occasion)")
        }
        #expect(PaymentPlight("refused", isAgreed: true) == .refused, "what ended it says more")
    }

    private func isToPay(_ occasion: Occasion) -> Bool { occasion == .paymentLink || occasion == .paymentReminder }

    @Test func `C-10: what is about something else does not depend on it, and no word ends nothing`() {
        for state in [nil, "paid", "accepted", "cancelled"] {
            for occasion in Occasion.allCases
            where ![.paymentLink, .paymentReminder, .paymentRefused, .paymentCancelled].contains(occasion) {
                #expect(PaymentPlight(state).bears(occasion))
            }
        }
        for word in [nil, "paid", ""] { #expect(PaymentPlight(word) == .open) }
    }

    @Test(arguments: [
        ("staff", true), ("provider", true), ("receivable-reduced", true), ("receivable-paid", false),
        ("other-method", false), ("link-expired", false), ("client-erased", false), ("a reason of later", true),
    ])
    func `NOT-2: who pays in another way is not told that a request was cancelled`(reason: String, isTold: Bool) {
        #expect(PaymentPlight.isTold(cancelledBecause: reason) == isTold)
    }
}
