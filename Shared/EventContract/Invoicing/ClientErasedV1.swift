package import PaymentModel

/// A client asked to be forgotten and was: who keeps anything of the person removes it.
package struct ClientErasedV1: EventPayload {
    package static let type = EventType(.invoicing, "client-erased", version: 1)

    /// The client, who has no name any more.
    package let clientID: ClientID
    /// The day it was done at the client's clinic.
    package let erasedOn: LocalDate

    package init(clientID: ClientID, erasedOn: LocalDate) {
        self.clientID = clientID
        self.erasedOn = erasedOn
    }
}
