package import PaymentModel

/// Where PayPal is and how it is spoken to; what its documentation leaves open is a setting.
package struct PayPalSettings: Sendable {
    /// Which of PayPal's two worlds is spoken to; a client's name does not tell which one it belongs to.
    package var mode = ProviderMode.live
    /// Where money is real.
    package var liveURL = "https://api-m.paypal.com"
    /// Where it is not.
    package var testURL = "https://api-m.sandbox.paypal.com"
    /// Where the certificates of notifications are seen to be; an address that begins otherwise is never called.
    package var liveCertificates = "https://api.paypal.com/v1/notifications/certs/"
    /// The same of the other world.
    package var testCertificates = "https://api.sandbox.paypal.com/v1/notifications/certs/"
    /// What the name in such a certificate ends with.
    package var certificateNameEnd = ".paypal.com"
    /// How many certificates are remembered.
    package var certificatesMax = 16
    /// How many addresses at which there is none.
    package var absentCertificatesMax = 256
    /// How long it is believed that there is none.
    package var certificateAbsentFor = Duration.seconds(600)
    /// How many notifications may wait while another's certificate is fetched.
    package var certificateWaitersMax = 64
    /// How old a notification may be: PayPal sends one again for three days.
    package var transmissionAgeMax = Duration.seconds(4 * 86_400)
    /// The share the clinic is expected to pay until PayPal has said what it took.
    package var clinicRate = BasisPoints(290)
    /// What it pays on top.
    package var clinicFixed = Money.euros(cents: 35)
    /// The least one payment may be.
    package var minimum = Money.euros(cents: 100)
    /// The most one payment may be.
    package var maximum = Money.euros(cents: 1_000_000)
    /// How long after its payment a capture is not asked about for disputes, unless PayPal told of one.
    package var undisputedFor = Duration.seconds(24 * 3_600)
    /// How many pages of disputes are read.
    package var disputePagesMax = 50
    /// Disputes a page; PayPal gives 50 at most.
    package var disputePageSize = 50
    /// How far back PayPal lists disputes.
    package var disputesListedFor = Duration.seconds(180 * 86_400)
    /// How long PayPal gives a refund's order its first answer again: 45 days, of which one is for clocks and the way.
    package var refundOrdersKnownFor = Duration.seconds(44 * 86_400)
    /// How many pages of one search of transactions are read.
    package var reportPagesMax = 500
    /// Transactions a page; PayPal gives 500 at most.
    package var reportPageSize = 500
    /// How long a time one search spans; PayPal takes 31 days at most.
    package var searchSpan = Duration.seconds(30 * 86_400)
    /// How far back it is searched for what paid an invoice where nobody says when its payment began: a link's life.
    package var invoicesSearchedFor = Duration.seconds(30 * 86_400)
    /// How long it is believed what a search says of one payment, also that it is not listed yet.
    package var searchBelievedFor = Duration.seconds(600)
    /// Of how many payments that is remembered.
    package var searchesMax = 256
    /// How long before its end a token is no longer used.
    package var tokenMargin = Duration.seconds(60)
    /// How long a connection may take.
    package var connectTimeout = Duration.seconds(3)
    /// How long a call may take altogether.
    package var totalTimeout = Duration.seconds(10)
    /// The longest answer taken.
    package var responseBytesMax = 1 << 20
    /// The time: tokens and certificates end by it.
    package var time: TimeSource

    /// The settings above.
    package init(time: TimeSource) { self.time = time }

    var baseURL: String { mode == .live ? liveURL : testURL }

    var certificatesURL: String { mode == .live ? liveCertificates : testCertificates }
}
