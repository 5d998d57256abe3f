package import PaymentModel

/// One try to have the provider open a payment.
package struct Attempt: Hashable, Sendable {
    /// How far the try came.
    package enum State: String, Hashable, Sendable, CaseIterable {
        /// The question is on its way; this row was committed before it left.
        case starting
        /// The question may or may not have reached the provider.
        case unknown
        /// The provider holds an object for it.
        case open
        /// The provider never heard of it, so another try is safe.
        case abandoned
        /// The provider's object can no longer move money, or already has.
        case closed
        /// Believed abandoned, but the provider does hold an object: it must be cancelled there.
        case stray
        /// Called off where money moves by our word: a word that was on its way then may still move it, so it is looked
        /// at once more.
        case calledOff = "called-off"
    }

    /// Our name for the try, carried to the provider so that it can be found again.
    package let id: AttemptID
    /// How far it came.
    package internal(set) var state: State
    /// The provider's name for its object, once we know it.
    package internal(set) var reference: String?
    /// The name of the money it took, by which it is read where the provider's object is known no more.
    package internal(set) var capture: String?
    /// Where the client pays, once the provider said so.
    package internal(set) var payURL: String?
    /// Whether the client has agreed there by the provider's word: no page has anything to pay any more.
    package internal(set) var isAgreed: Bool
    /// When the question left.
    package let startedAt: Instant
    /// When it was seen to be called off, until it was looked at for the last time.
    package internal(set) var calledOffAt: Instant?
    /// When what its object took beside the one that pays was given back.
    package internal(set) var givenBackAt: Instant?
    /// The provider's name for that refund, by which it is read where the object is known no more.
    package internal(set) var givenBackAs: String?

    /// An attempt as it was stored.
    package init(
        id: AttemptID, state: State, reference: String?, capture: String? = nil, payURL: String?,
        isAgreed: Bool = false, startedAt: Instant, calledOffAt: Instant? = nil, givenBackAt: Instant? = nil,
        givenBackAs: String? = nil
    ) {
        self.id = id
        self.state = state
        self.reference = reference
        self.capture = capture
        self.payURL = payURL
        self.isAgreed = isAgreed
        self.startedAt = startedAt
        self.calledOffAt = calledOffAt
        self.givenBackAt = givenBackAt
        self.givenBackAs = givenBackAs
    }
}
