import HTTPServer
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import ServiceRuntime

/// What can be set for this service alone.
enum Configuration {
    static let sealingKeys = Setting<Secret>.secret(
        "QUITTANCE_SEALING_KEYS",
        "Keys that seal provider keys and link tokens: name:base64 of 32 bytes, one a line; the first seals."
    ).refusing { keys in
        do throws(Sealer.Failure) {
            _ = try Sealer(keys: keys)
            return nil
        } catch {
            return "can't be used: \(error); write a line such as first:BASE64, made by openssl rand -base64 32"
        }
    }
    static let publicURL = Setting.url(
        "QUITTANCE_PUBLIC_URL", "Address by which clients reach this service; payment links begin with it.")
    static let webhookURL = Setting<String?>.optionalURL(
        "QUITTANCE_WEBHOOK_URL", "Address by which providers reach this service; the public one when not set.")
    static let invoicingURL = Setting.url(
        "QUITTANCE_INVOICING_URL", "Where invoicing is asked who a client is and by which methods one pays.",
        default: "http://127.0.0.1:8101")
    static let signingKey = Setting<Secret?>.optionalSecret(
        "QUITTANCE_SIGNING_KEY",
        "This service's own private key, with which it names itself to invoicing; without it requests say who pays."
    ).refusing { $0.flatMap(SigningKey.fault) }
    static let timeZone = Setting.string(
        "QUITTANCE_TIME_ZONE",
        "Time zone in which instalments and payouts fall on a day where a clinic has none of its own.",
        default: "Europe/Paris"
    ).refusing { TimeZones.contains($0) ? nil : "is no time zone of this machine: give one such as Europe/Paris" }

    static let usuryCeilings = Setting.string(
        "QUITTANCE_USURY_CEILINGS",
        "Most a credit may cost a year: a line per period with its first day, then amounts in cents and basis points.",
        default: "2026-01-01 300000=2356 600000=1587 *=867"
    ).refusing { text in
        do throws(UsuryTable.Malformed) {
            _ = try UsuryTable(text: text)
            return nil
        } catch {
            return "has the line \(error.line): give lines such as 2026-01-01 300000=2356 600000=1587 *=867"
        }
    }

    static let providerMode = Setting.choice(
        "QUITTANCE_PROVIDER_MODE", "Whether providers move real money: a key of the other kind is refused.",
        of: AlmaSettings.Mode.allCases.map(\.rawValue), default: AlmaSettings.Mode.live.rawValue)
    static let almaLiveURL = Setting.url(
        "QUITTANCE_ALMA_LIVE_URL", "Alma's API for keys that start with sk_live_.", default: AlmaSettings().liveURL)
    static let almaTestURL = Setting.url(
        "QUITTANCE_ALMA_TEST_URL", "Alma's API for keys that start with sk_test_.", default: AlmaSettings().testURL)
    static let almaRefundPath = Setting.choice(
        "QUITTANCE_ALMA_REFUND_PATH", "Last part of the path at which Alma takes refunds.",
        of: AlmaSettings.RefundPath.allCases.map(\.rawValue), default: AlmaSettings().refundPath.rawValue)

    static let stripeURL = Setting.url(
        "QUITTANCE_STRIPE_URL", "Stripe's API; the key decides whether money is real.",
        default: "https://api.stripe.com")
    static let stripeVersion = Setting.string(
        "QUITTANCE_STRIPE_VERSION", "Version of Stripe's API that answers are read by.",
        default: "2026-06-24.dahlia")
    static let stripeRateMax = Setting.integer(
        "QUITTANCE_STRIPE_RATE_MAX",
        "Calls of one Stripe account that may leave one process in a second; "
            + "Stripe takes 100, by default 25 of one kind, and 25 with test keys.",
        in: 1...100_000, unit: "calls", default: 100)
    static let paypalLiveURL = Setting.url(
        "QUITTANCE_PAYPAL_LIVE_URL", "PayPal's API where money is real.", default: "https://api-m.paypal.com")
    static let paypalTestURL = Setting.url(
        "QUITTANCE_PAYPAL_TEST_URL", "PayPal's API where money is not real.",
        default: "https://api-m.sandbox.paypal.com")
    static let paypalCertificates = Setting<String?>.optionalURL(
        "QUITTANCE_PAYPAL_CERTIFICATES_URL",
        "Beginning of the addresses of PayPal's certificates; its own of the mode when not set.")

    static let providerConnectTimeMax = Setting.duration(
        "QUITTANCE_PROVIDER_CONNECT_TIME_MAX", "Time a connection to a provider may take.",
        in: .milliseconds(50)...(.seconds(60)), default: "3s")
    static let providerTimeMax = Setting.duration(
        "QUITTANCE_PROVIDER_TIME_MAX", "Time a call to a provider may take.", in: .milliseconds(100)...(.seconds(60)),
        default: "10s")
    static let providerCallsMax = Setting.integer(
        "QUITTANCE_PROVIDER_CALLS_MAX", "Calls of one provider account one process has on the wire.", in: 1...256,
        unit: "calls", default: 16)

    static let providerRateMax = Setting.integer(
        "QUITTANCE_PROVIDER_RATE_MAX",
        "Calls of one account at a provider other than Stripe that may leave one process in a second.",
        in: 1...100_000, unit: "calls", default: 500)

    static let linkPause = Setting.duration(
        "QUITTANCE_LINK_PAUSE", "Shortest pause between two questions to a provider that one link's holder can cause.",
        in: .milliseconds(1)...(.seconds(60)), default: "1s")

    static let askFirst = Setting.duration(
        "QUITTANCE_ASK_FIRST", "Pause before a provider is asked about what nobody reported.", default: "3s")
    static let askEagerQuestions = Setting.integer(
        "QUITTANCE_ASK_EAGER_QUESTIONS", "Questions with no longer pause than the first; after them each doubles.",
        in: 0...100_000, unit: "questions", default: 200)
    static let askLongest = Setting.duration(
        "QUITTANCE_ASK_LONGEST", "Longest pause between two questions about a payment.", default: "5m")
    static let askQuestionsMax = Setting.integer(
        "QUITTANCE_ASK_QUESTIONS_MAX", "Questions without an answer about an unknown outcome before a person is told.",
        in: 1...100_000, unit: "questions", default: 210)
    static let invoiceWait = Setting.duration(
        "QUITTANCE_INVOICE_WAIT", "Time a request waits for an invoice or client whose event is still on the way.",
        in: .milliseconds(1)...(.seconds(60)), default: "10s")
    static let intentLease = Setting.duration(
        "QUITTANCE_INTENT_LEASE",
        "Time the asker of a provider has before somebody else asks in its place; what is more than two calls is how far "
            + "the clocks of processes may differ.",
        in: .milliseconds(100)...(.seconds(3_600)), default: "60s")
    static let askTogetherMax = Setting.integer(
        "QUITTANCE_ASK_TOGETHER_MAX", "Payments one process asks about at the same time.", in: 1...256,
        unit: "payments", default: 16)
    static let askEvery = Setting.duration(
        "QUITTANCE_ASK_EVERY", "Pause between two looks for payments to be asked about.", default: "1s")

    static let exchangesWaitMax = Setting.integer(
        "QUITTANCE_EXCHANGES_WAIT_MAX",
        "Payments about which one process keeps what it and providers said, until that is written down with others.",
        in: 1...1_000_000, unit: "payments", default: 10_000)

    static let disputesEvery = Setting.duration(
        "QUITTANCE_DISPUTES_EVERY",
        "Pause between two looks at an account's provider for disputes and refunds nobody told of.",
        in: .seconds(1)...(.seconds(86_400)), default: "1h")

    static let all: [any DescribedSetting] = [
        sealingKeys, publicURL, webhookURL, invoicingURL, signingKey, timeZone, usuryCeilings, providerMode,
        almaLiveURL, almaTestURL, almaRefundPath, stripeURL, stripeVersion, stripeRateMax, paypalLiveURL,
        paypalTestURL, paypalCertificates, almaLinkOrigin, almaScreenOrigin, stripeFeeRate, stripeFeeFixed, stripeMin,
        stripeMax, paypalFeeRate, paypalFeeFixed, paypalMin, paypalMax, paypalDisputesListedFor, paypalRefundsKnownFor,
        paypalSearchSpan,
        providerConnectTimeMax, providerTimeMax, providerCallsMax, providerRateMax, linkPause, askFirst,
        askEagerQuestions, askLongest,
        askQuestionsMax, intentLease, askTogetherMax, askEvery, disputesEvery, exchangesWaitMax, invoiceWait,
    ]

    static let rules: [SettingRule] = [
        // A call leaves in the first half and arrives or times out in the second; the least margin is for tests.
        .lease(intentLease, atLeast: 2, of: providerTimeMax, and: .seconds(2)),
        ordered(least: stripeMin, most: stripeMax), ordered(least: paypalMin, most: paypalMax),
    ]

    /// A least amount above the most one would let no payment through.
    private static func ordered(least: Setting<Int>, most: Setting<Int>) -> SettingRule {
        SettingRule(between: [least, most]) { values in
            guard values[least] > values[most] else { return [] }
            return [
                SettingsError.Problem(
                    least,
                    "must be \(values[most]) at most, as \(most.name) is: give it less, or \(most.name) more")
            ]
        }
    }
}

// What providers publish, agree on with each clinic, or leave open in their documentation.
extension Configuration {
    static let almaLinkOrigin = Setting.string(
        "QUITTANCE_ALMA_ORIGIN",
        "What Alma is told of a payment that the client makes by a link.",
        default: "online"
    ).refusing(faultOfOrigin)
    static let almaScreenOrigin = Setting.string(
        "QUITTANCE_ALMA_SCREEN_ORIGIN",
        "What Alma is told of a payment on the clinic's own screen; pos where the contract has plans for that.",
        default: "online"
    ).refusing(faultOfOrigin)

    /// With another word every payment may be refused; which ones follow `pos_` is not documented.
    private static func faultOfOrigin(_ text: String) -> String? {
        let isOfDesk =
            text.hasPrefix("pos_") && text.utf8.count > 4
            && text.utf8.allSatisfy { $0 == UInt8(ascii: "_") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }
        guard !isOfDesk, !["online", "online_in_page", "pos"].contains(text) else { return nil }
        return "is no origin Alma knows: give online, online_in_page, pos or one that begins so, such as pos_sms"
    }

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
    /// When providers are asked about what nobody reported.
    var askingSchedule: AskingSchedule {
        AskingSchedule(
            first: self[Configuration.askFirst], eagerQuestions: self[Configuration.askEagerQuestions], growth: 2,
            longest: self[Configuration.askLongest], questionsMax: self[Configuration.askQuestionsMax])
    }

    /// How long an intent's own call has: it leaves in the first half, and in the second it arrives or times out.
    var intentLease: Duration { self[Configuration.intentLease] }

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

    /// The limits every call to a provider keeps.
    var providerLimits: ProviderLimits {
        var limits = ProviderLimits()
        limits.concurrentCallsMax = self[Configuration.providerCallsMax]
        limits.callsPerSecondMax = self[Configuration.providerRateMax]
        limits.placesForActs = limits.concurrentCallsMax / 4
        limits.waitingCallsMax = 4 * limits.concurrentCallsMax
        return limits
    }

    /// What links, return pages and notifications begin with.
    var addresses: PublicAddresses {
        let publicURL = self[Configuration.publicURL]
        return PublicAddresses(clients: publicURL, providers: self[Configuration.webhookURL] ?? publicURL)
    }
}

extension UsuryTable {
    /// The table is not in the form of the setting.
    struct Malformed: Error, CustomStringConvertible {
        let line: String

        var description: String {
            "QUITTANCE_USURY_CEILINGS: \(line): give lines such as 2026-01-01 300000=2356 600000=1587 *=867"
        }
    }

    /// Reads lines such as `2026-01-01 300000=2356 600000=1587 *=867`.
    init(text: String) throws(Malformed) {
        var periods: [Period] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ")
            let ceilings = words.dropFirst().compactMap(UsuryTable.ceiling)
            guard let from = words.first.flatMap({ LocalDate(String($0)) }), ceilings.count == words.count - 1,
                ceilings.last?.upTo == nil, !ceilings.isEmpty
            else { throw Malformed(line: String(line)) }
            periods.append(Period(from: from, ceilings: ceilings))
        }
        self.init(periods)
    }

    private static func ceiling(_ word: Substring) -> Ceiling? {
        let parts = word.split(separator: "=")
        guard parts.count == 2, let rate = Int(parts[1]), (0...100_000).contains(rate) else { return nil }
        if parts[0] == "*" { return Ceiling(upTo: nil, rate: BasisPoints(rate)) }
        return Int64(parts[0]).map { Ceiling(upTo: $0, rate: BasisPoints(rate)) }
    }
}
