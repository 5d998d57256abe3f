package import PaymentModel

/// A provider's link by which a clinic brings it another one (parrainage), PAY-16.
///
/// No provider tells what became of it: a person enters what its page says.
package struct ReferralLink: Hashable, Sendable, Codable {
    /// How far the link came; only ever forward.
    package enum State: String, Hashable, Sendable, Codable, CaseIterable {
        /// It can be given to another clinic.
        case active
        /// Another clinic signed up by it.
        case used
        /// The provider paid what it promised for it.
        case rewarded
        /// Its time is over and nobody used it.
        case expired
    }

    /// The link has come further, or elsewhere.
    package struct Rejection: Error, Hashable, Sendable {
        /// Where it is.
        package let state: State

        /// Where it is, and where it does not go on from.
        package init(state: State) { self.state = state }
    }

    /// Where the other clinic signs up.
    package let url: String
    /// How far it came.
    package private(set) var state: State
    /// Since when.
    package private(set) var since: Instant

    /// A link as somebody enters it.
    package init(url: String, state: State, since: Instant) {
        self.url = url
        self.state = state
        self.since = since
    }

    /// Moves it on; to say again what it is changes nothing.
    package mutating func move(to next: State, at now: Instant) throws(Rejection) {
        guard next != state else { return }
        switch (state, next) {
        case (.active, _), (.used, .rewarded): (state, since) = (next, now)
        case (.used, _), (.rewarded, _), (.expired, _): throw Rejection(state: state)
        }
    }
}
