namespace FedRec.Core.Data.Reports;

/// <summary>How long something was before the newest day of a federation.</summary>
public enum AgeBand
{
    /// <summary>Less than a day.</summary>
    Day,

    /// <summary>A day or more, less than 7.</summary>
    Week,

    /// <summary>7 days or more, less than 30.</summary>
    Month,

    /// <summary>30 days or more, less than 90.</summary>
    Quarter,

    /// <summary>90 days or more, less than 365.</summary>
    Year,

    /// <summary>365 days or more.</summary>
    Older,
}
