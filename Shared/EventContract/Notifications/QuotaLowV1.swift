/// An organisation has few parts of SMS left.
package struct QuotaLowV1: EventPayload {
    package static let type = EventType(.notifications, "quota-low", version: 1)

    /// How many parts are left.
    package let left: Int
    /// Below how many parts the organisation wants to be told.
    package let lowBelow: Int

    package init(left: Int, lowBelow: Int) {
        self.left = left
        self.lowBelow = lowBelow
    }
}
