package import PaymentModel

/// Where Stripe is and how it is spoken to; what its documentation leaves open is a setting.
package struct StripeSettings: Sendable {
    /// Which keys are taken: with a test key an invoice would be paid by no money.
    package var mode = ProviderMode.live
    /// One address for live and test keys; the key decides.
    package var baseURL = "https://api.stripe.com"
    /// The version of the API, pinned because names in answers move from one to the next.
    package var version = "2026-06-24.dahlia"
    /// Ways to pay on the page; none leaves the choice to the account's own settings at Stripe.
    package var paymentMethods = ["card"]
    /// The share the clinic is expected to pay until Stripe has said what it took.
    package var clinicRate = BasisPoints(150)
    /// What it pays on top.
    package var clinicFixed = Money.euros(cents: 25)
    /// The least one payment may be.
    package var minimum = Money.euros(cents: 50)
    /// The most one payment may be.
    package var maximum = Money.euros(cents: 99_999_999)
    /// How old a notification's signature may be, and how far ahead its clock.
    package var signatureTolerance = Duration.seconds(300)
    /// How long a connection may take.
    package var connectTimeout = Duration.seconds(3)
    /// How long a call may take altogether.
    package var totalTimeout = Duration.seconds(10)
    /// The longest answer taken.
    package var responseBytesMax = 1 << 20
    /// How many pages of a list are read before we say that we do not know.
    package var listPagesMax = 25
    /// The same of payouts and what is in one, and of what an account gave back or has disputed.
    package var reportPagesMax = 500
    /// Objects a page; Stripe gives 100 at most.
    package var listPageSize = 100
    /// How far apart our clock and Stripe's may be when sessions are listed from an instant on.
    package var clockTolerance = Duration.seconds(600)
    /// The time: whether a session ran out or was ended is told by it.
    package var time: TimeSource

    /// The settings above.
    package init(time: TimeSource) { self.time = time }

    /// Whether a key is one of those that are taken: secret or restricted, of the mode.
    func takes(_ key: String) -> Bool { ["sk", "rk"].contains { key.hasPrefix("\($0)_\(mode.rawValue)_") } }
}
