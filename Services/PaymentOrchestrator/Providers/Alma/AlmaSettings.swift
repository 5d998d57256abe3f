import PaymentModel

/// Where Alma is and how it is spoken to; what its documentation leaves open is a setting.
package struct AlmaSettings: Sendable {
    /// The path a refund is ordered at: the client libraries use one, the reference the other, and both answer.
    package enum RefundPath: String, Hashable, Sendable, CaseIterable {
        case refund, refunds
    }

    /// Whether the money is real.
    package typealias Mode = ProviderMode

    /// Which keys are taken: with a test key an invoice would be paid by no money.
    package var mode = Mode.live
    /// For keys that start with `sk_live_`.
    package var liveURL = "https://api.getalma.eu"
    /// For keys that start with `sk_test_`.
    package var testURL = "https://api.sandbox.getalma.eu"
    /// The path a refund is ordered at.
    package var refundPath = RefundPath.refund
    /// How long a connection may take.
    package var connectTimeout = Duration.seconds(3)
    /// How long a call may take altogether.
    package var totalTimeout = Duration.seconds(10)
    /// The longest answer taken.
    package var responseBytesMax = 1 << 20
    /// How many pages of the newest payments are searched for a lost attempt.
    package var searchPagesMax = 25
    /// Payments a page.
    package var searchPageSize = 20
    /// How many pages of the balance's movements are read for payouts.
    package var reportPagesMax = 500
    /// Movements a page.
    package var reportPageSize = 100
    /// How long Alma may keep money before it is in a payout: movements are looked for that far back.
    package var payoutHoldMax = Duration.seconds(45 * 86_400)
    /// How many of the newest exports are searched for one of the same payout.
    package var exportSearchSize = 20
    /// How often one question looks whether an export is written; the next goes on with the same export.
    package var exportLooksMax = 15
    /// The pause after the first look; each further one doubles it.
    package var exportFirstPause = Duration.seconds(1)
    /// The longest such pause.
    package var exportLongestPause = Duration.seconds(10)
    /// The longest file taken: a payout of a hundred thousand lines.
    package var exportBytesMax = 16 << 20
    /// Waits; a wait that is cut short only ends early, since the call that follows is cancelled too.
    package var pause: @Sendable (Duration) async -> Void = { pause in try? await Task.sleep(for: pause) }
    /// How far apart our clock and Alma's may be when a search decides that it went back far enough.
    package var clockTolerance = Duration.seconds(600)
    /// What Alma is told of a payment that the client makes by a link.
    package var linkOrigin = "online"
    /// What it is told of one that is made on the clinic's own screen; where the contract has plans for that, `pos`.
    package var screenOrigin = "online"

    /// The settings above.
    package init() {}

    /// Where the keys that are taken lead.
    var baseURL: String {
        switch mode {
        case .live: liveURL
        case .test: testURL
        }
    }

    /// What Alma is told about how the client is reached.
    func origin(of channel: PaymentChannel) -> String {
        switch channel {
        case .sms, .link: linkOrigin
        case .browser: screenOrigin
        }
    }

    /// Whether a key is one of those that are taken.
    func takes(_ key: String) -> Bool { key.hasPrefix("sk_\(mode.rawValue)_") }
}
