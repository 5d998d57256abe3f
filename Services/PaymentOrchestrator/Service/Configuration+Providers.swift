import Observability
import PaymentModel
import PaymentProviders
import ServiceRuntime

// What providers publish, agree on with each clinic, or leave open in their documentation.
extension Configuration {
    static let almaLinkOrigin = Setting.string(
        "QUITTANCE_ALMA_ORIGIN",
        "What Alma is told of a payment that the client makes by a link.",
        default: "online")
    static let almaScreenOrigin = Setting.string(
        "QUITTANCE_ALMA_SCREEN_ORIGIN",
        "What Alma is told of a payment on the clinic's own screen; pos where the contract has plans for that.",
        default: "online")

    static let stripeFeeRate = Setting.integer(
        "QUITTANCE_STRIPE_FEE_RATE", "Share of a payment that Stripe is expected to take until it says what it took.",
        in: 0...10_000, unit: "basis points", default: 150)
    static let stripeFeeFixed = Setting.integer(
        "QUITTANCE_STRIPE_FEE_FIXED", "What Stripe is expected to take of each payment beside its share.",
        in: 0...99_999_999, unit: "cents", default: 25)
    static let stripeMin = Setting.integer(
        "QUITTANCE_STRIPE_AMOUNT_MIN", "Least one payment by Stripe may be.",
        in: 1...99_999_999, unit: "cents", default: 50)
    static let stripeMax = Setting.integer(
        "QUITTANCE_STRIPE_AMOUNT_MAX", "Most one payment by Stripe may be.",
        in: 1...99_999_999, unit: "cents", default: 99_999_999)

    static let paypalFeeRate = Setting.integer(
        "QUITTANCE_PAYPAL_FEE_RATE", "Share of a payment that PayPal is expected to take until it says what it took.",
        in: 0...10_000, unit: "basis points", default: 290)
    static let paypalFeeFixed = Setting.integer(
        "QUITTANCE_PAYPAL_FEE_FIXED", "What PayPal is expected to take of each payment beside its share.",
        in: 0...99_999_999, unit: "cents", default: 35)
    static let paypalMin = Setting.integer(
        "QUITTANCE_PAYPAL_AMOUNT_MIN", "Least one payment by PayPal may be.",
        in: 1...99_999_999, unit: "cents", default: 100)
    static let paypalMax = Setting.integer(
        "QUITTANCE_PAYPAL_AMOUNT_MAX", "Most one payment by PayPal may be.",
        in: 1...99_999_999, unit: "cents", default: 1_000_000)

    static let paypalDisputesListedFor = Setting.duration(
        "QUITTANCE_PAYPAL_DISPUTES_LISTED_FOR",
        "How far back PayPal lists disputes.",
        in: .seconds(86_400)...(.seconds(3_650 * 86_400)), default: "180d")
    static let paypalRefundsKnownFor = Setting.duration(
        "QUITTANCE_PAYPAL_REFUNDS_KNOWN_FOR",
        "Time PayPal gives a refund's order its first answer again, less a day for clocks and the way.",
        in: .seconds(86_400)...(.seconds(3_650 * 86_400)), default: "44d")
    static let paypalSearchSpan = Setting.duration(
        "QUITTANCE_PAYPAL_SEARCH_SPAN",
        "Time that one search of PayPal's transactions spans; PayPal takes 31 days at most.",
        in: .seconds(86_400)...(.seconds(31 * 86_400)), default: "30d")
}

extension Settings {
    /// How Alma is spoken to.
    var almaSettings: AlmaSettings {
        var alma = AlmaSettings()
        alma.mode = AlmaSettings.Mode(rawValue: self[Configuration.providerMode]) ?? alma.mode
        alma.liveURL = self[Configuration.almaLiveURL]
        alma.testURL = self[Configuration.almaTestURL]
        alma.refundPath = AlmaSettings.RefundPath(rawValue: self[Configuration.almaRefundPath]) ?? alma.refundPath
        alma.linkOrigin = self[Configuration.almaLinkOrigin]
        alma.screenOrigin = self[Configuration.almaScreenOrigin]
        alma.connectTimeout = self[Configuration.providerConnectTimeMax]
        alma.totalTimeout = self[Configuration.providerTimeMax]
        return alma
    }

    private var mode: ProviderMode { ProviderMode(rawValue: self[Configuration.providerMode]) ?? .live }

    /// How Stripe is spoken to.
    func stripeSettings(_ time: TimeSource) -> StripeSettings {
        var stripe = StripeSettings(time: time)
        stripe.mode = mode
        stripe.baseURL = self[Configuration.stripeURL]
        stripe.version = self[Configuration.stripeVersion]
        stripe.clinicRate = BasisPoints(self[Configuration.stripeFeeRate])
        stripe.clinicFixed = .euros(cents: Int64(self[Configuration.stripeFeeFixed]))
        stripe.minimum = .euros(cents: Int64(self[Configuration.stripeMin]))
        stripe.maximum = .euros(cents: Int64(self[Configuration.stripeMax]))
        stripe.connectTimeout = self[Configuration.providerConnectTimeMax]
        stripe.totalTimeout = self[Configuration.providerTimeMax]
        return stripe
    }

    /// How PayPal is spoken to.
    func paypalSettings(_ time: TimeSource) -> PayPalSettings {
        var paypal = PayPalSettings(time: time)
        paypal.mode = mode
        paypal.liveURL = self[Configuration.paypalLiveURL]
        paypal.testURL = self[Configuration.paypalTestURL]
        if let certificates = self[Configuration.paypalCertificates] {
            (paypal.liveCertificates, paypal.testCertificates) = (certificates + "/", certificates + "/")
        }
        paypal.clinicRate = BasisPoints(self[Configuration.paypalFeeRate])
        paypal.clinicFixed = .euros(cents: Int64(self[Configuration.paypalFeeFixed]))
        paypal.minimum = .euros(cents: Int64(self[Configuration.paypalMin]))
        paypal.maximum = .euros(cents: Int64(self[Configuration.paypalMax]))
        paypal.disputesListedFor = self[Configuration.paypalDisputesListedFor]
        paypal.refundOrdersKnownFor = self[Configuration.paypalRefundsKnownFor]
        paypal.searchSpan = self[Configuration.paypalSearchSpan]
        paypal.connectTimeout = self[Configuration.providerConnectTimeMax]
        paypal.totalTimeout = self[Configuration.providerTimeMax]
        return paypal
    }
}
