/// Why nobody wants any more what was to be sent; as a code for whoever hears of it.
package enum CallOffReason: String, Hashable, Sendable {
    case unwanted
    case clientErased = "client-erased"
    case campaignStopped = "campaign-stopped"
    case scheduleChanged = "schedule-changed"
    case moneyOld = "money-old"
    case dunningPaused = "dunning-paused"

    /// What is kept with it.
    package var note: String {
        switch self {
        case .unwanted: "no longer wanted"
        case .clientErased: "the client was erased"
        case .campaignStopped: "its campaign was stopped"
        case .scheduleChanged: "the schedule has changed"
        case .moneyOld: "the money was received more than a week before"
        case .dunningPaused: "dunning of the client is paused"
        }
    }
}
