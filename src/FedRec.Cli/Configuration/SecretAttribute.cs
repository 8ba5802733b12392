namespace FedRec.Cli.Configuration;

/// <summary>Marks a setting whose value is never printed or written to a run folder.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretAttribute : Attribute;
