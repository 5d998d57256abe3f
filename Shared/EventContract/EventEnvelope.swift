package import PaymentModel

/// What every event carries beside its data.
package struct EventEnvelope: Sendable, Hashable {
    package let id: EventID
    package let type: EventType
    /// The aggregate it concerns; the key of the record, so that its events stay in order.
    package let subject: UInt128
    package let time: Instant
    /// The version of the aggregate after the change, without gaps.
    package let sequence: Int64
    package let organisation: OrganisationID
    package let clinic: ClinicID?
    /// The same for everything that came from one first cause.
    package let correlation: CorrelationID
    /// The event that caused this one.
    package let causation: EventID?
    /// W3C trace context.
    package let traceparent: String?

    package init(
        id: EventID, type: EventType, subject: UInt128, time: Instant, sequence: Int64, organisation: OrganisationID,
        clinic: ClinicID? = nil, correlation: CorrelationID, causation: EventID? = nil, traceparent: String? = nil
    ) {
        self.id = id
        self.type = type
        self.subject = subject
        self.time = time
        self.sequence = sequence
        self.organisation = organisation
        self.clinic = clinic
        self.correlation = correlation
        self.causation = causation
        self.traceparent = traceparent
    }

    /// The record's key.
    package var key: String { subject.uuidText }
}
